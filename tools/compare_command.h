/*
 * `rehearse compare`: two indexes of a table, or an index and its table: the same keys, and the
 * same in the attributes that both have.
 */

#ifndef REHEARSEDB_TOOLS_COMPARE_COMMAND_H
#define REHEARSEDB_TOOLS_COMPARE_COMMAND_H

/* argv[0] is the command's name; returns the exit code. */
int compare_command(int argc, char **argv);

#endif
