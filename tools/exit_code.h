/* The exit codes of every command. */

#ifndef REHEARSEDB_TOOLS_EXIT_CODE_H
#define REHEARSEDB_TOOLS_EXIT_CODE_H

enum {
    CODE_FINE = 0,
    CODE_NOT_SO = 1,      /* the thing asked is not so: a step failed */
    CODE_USAGE = 2,       /* the command line or the runbook is wrong */
    CODE_UNREACHABLE = 3, /* what was named cannot be reached or used */
};

#endif
