/*
 * `rehearse skipped`: every item that an index leaves out, and why; for an index that exists or one
 * that is only planned. DynamoDB itself leaves them out without a word.
 */

#ifndef REHEARSEDB_TOOLS_SKIPPED_COMMAND_H
#define REHEARSEDB_TOOLS_SKIPPED_COMMAND_H

/* argv[0] is the command's name; returns the exit code. */
int skipped_command(int argc, char **argv);

#endif
