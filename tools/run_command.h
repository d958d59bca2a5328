/* `rehearse run`: the command line, the server, the shell and the report around a run. */

#ifndef REHEARSEDB_TOOLS_RUN_COMMAND_H
#define REHEARSEDB_TOOLS_RUN_COMMAND_H

/* argv[0] is "run". Returns the exit code (tools/exit_code.h). */
int run_command(int argc, char **argv);

#endif
