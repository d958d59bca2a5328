/*
 * `rehearse wait`: until a table or an index is really ready, or gone. No tool of AWS waits for an
 * index: the table is ACTIVE long before it.
 */

#ifndef REHEARSEDB_TOOLS_WAIT_COMMAND_H
#define REHEARSEDB_TOOLS_WAIT_COMMAND_H

/* argv[0] is the command's name; returns the exit code. */
int wait_command(int argc, char **argv);

#endif
