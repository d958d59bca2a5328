/*
 * `rehearse estimate`: what building an index over a table takes, entries, size, write units, time
 * and cost, from the whole table or from a sample that says how sure it is.
 */

#ifndef REHEARSEDB_TOOLS_ESTIMATE_COMMAND_H
#define REHEARSEDB_TOOLS_ESTIMATE_COMMAND_H

/* argv[0] is the command's name; returns the exit code. */
int estimate_command(int argc, char **argv);

#endif
