/*
 * `rehearse load`: puts items into a table that exists, through the public API: made up by a
 * template, or those of an export to S3.
 */

#ifndef REHEARSEDB_TOOLS_LOAD_COMMAND_H
#define REHEARSEDB_TOOLS_LOAD_COMMAND_H

/* argv[0] is the command's name; returns the exit code. */
int load_command(int argc, char **argv);

#endif
