/* `rehearse drive`: an application's reads and writes during a migration, checked. */

#ifndef REHEARSEDB_TOOLS_DRIVE_COMMAND_H
#define REHEARSEDB_TOOLS_DRIVE_COMMAND_H

/* argv[0] is the command's name. Returns the exit code. */
int drive_command(int argc, char **argv);

#endif
