/* `rehearse plan`: what stands between a deployed table and a wanted one, and the way there. */

#ifndef REHEARSEDB_TOOLS_PLAN_COMMAND_H
#define REHEARSEDB_TOOLS_PLAN_COMMAND_H

/* argv[0] is "plan". Returns the exit code (tools/exit_code.h). */
int plan_command(int argc, char **argv);

#endif
