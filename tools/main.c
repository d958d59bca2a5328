/* The program `rehearse`: the table of its commands. */

#include "tools/compare_command.h"
#include "tools/drive_command.h"
#include "tools/estimate_command.h"
#include "tools/exit_code.h"
#include "tools/load_command.h"
#include "tools/plan_command.h"
#include "tools/run_command.h"
#include "tools/skipped_command.h"
#include "tools/wait_command.h"

#include <stdio.h>
#include <string.h>

static int version_command(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    (void)puts("rehearse " REHEARSEDB_VERSION);
    return CODE_FINE;
}

static const struct {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit code */
} COMMANDS[] = {
    { "plan", "say what an update does to a table, and the safe way there", plan_command },
    { "run", "run a runbook's steps and check what they do", run_command },
    { "load", "fill a table with items, made up or from an export", load_command },
    { "compare", "compare two indexes, or an index and its table", compare_command },
    { "skipped", "list the items that an index leaves out, and why", skipped_command },
    { "estimate", "say what building an index takes: size, time, cost", estimate_command },
    { "drive", "read and write during a migration, and say what went wrong", drive_command },
    { "wait", "wait until a table or an index is ready, or gone", wait_command },
    { "version", "show the version", version_command },
};

enum { COMMAND_COUNT = sizeof COMMANDS / sizeof COMMANDS[0] };

static void print_help(FILE *to)
{
    (void)fputs("usage: rehearse COMMAND [options]\n"
                "\n"
                "Rehearses DynamoDB migrations, against rehearsedb or any other endpoint.\n"
                "\n",
                to);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        (void)fprintf(to, "  %-10s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
    }
    (void)fputs("\nrehearse COMMAND --help tells more.\n", to);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0) {
        print_help(stdout);
        return CODE_FINE;
    }
    if (strcmp(name, "--version") == 0) {
        name = "version";
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(COMMANDS[i].name, name) == 0) {
            return COMMANDS[i].run(argc - 1, argv + 1);
        }
    }
    if (name[0] != '\0') {
        (void)fprintf(stderr, "rehearse: unknown command \"%s\"\n\n", name);
    }
    print_help(stderr);
    return CODE_USAGE;
}
