#include "tools/run_arguments.h"

#include "tools/exit_code.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    STEP_TIMEOUT_S_MAX = 24 * 3600,
    MS_PER_SECOND = 1000,
};

static const char HELP_TEXT[] =
    "usage: rehearse run RUNBOOK.md [options]\n"
    "\n"
    "Runs the fenced bash blocks of a Markdown page as steps, in one shell, and stops at the "
    "first\n"
    "that does not do what its annotations say. Without --endpoint it starts a private rehearsedb\n"
    "on a free port, in memory, and stops it at the end.\n"
    "\n"
    "  --endpoint URL          run against this server; `aws` runs against AWS with your own\n"
    "                          credentials and region\n"
    "  --data DIR              the private server keeps its data there\n"
    "  --keep                  leave the private server and its data for a look\n"
    "  --report DIR            write index.html, report.json, junit.xml and, of a private server,\n"
    "                          server.log\n"
    "  --from STEP             begin with this step, given by its number or its name; if it has a\n"
    "                          snapshot and the server has that, go back to it first\n"
    "  --only STEP             run this step alone\n"
    "  --list                  show the steps and run nothing\n"
    "  --step-timeout SECONDS  end a step that takes longer, its repetitions together (without:\n"
    "                          300 for each, and as many repetitions as the step asks for)\n"
    "  --verbose               show each step's commands and output\n"
    "  --help                  show this\n"
    "\n"
    "Exit codes: 0 every step held, 1 a step failed, 2 usage or a malformed runbook,\n"
    "3 the runbook, the report's directory or the server cannot be reached or used.\n";

int run_fail(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fflush(stdout);
    (void)fputs("rehearse run: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    return code;
}

static bool parse_timeout(const char *text, int64_t *out_ms)
{
    char *end = NULL;
    errno = 0;
    long seconds = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || seconds < 1 || seconds > STEP_TIMEOUT_S_MAX) {
        return false;
    }
    *out_ms = (int64_t)seconds * MS_PER_SECOND;
    return true;
}

static const struct option KNOWN[] = {
    { "endpoint", required_argument, NULL, 'e' },
    { "data", required_argument, NULL, 'd' },
    { "keep", no_argument, NULL, 'k' },
    { "report", required_argument, NULL, 'r' },
    { "from", required_argument, NULL, 'f' },
    { "only", required_argument, NULL, 'o' },
    { "list", no_argument, NULL, 'l' },
    { "step-timeout", required_argument, NULL, 't' },
    { "verbose", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

/* Takes one option; false: it cannot have that value. */
static bool take_option(int letter, struct run_arguments *out)
{
    switch (letter) {
    case 'e':
        out->endpoint = optarg;
        break;
    case 'd':
        out->data_directory = optarg;
        break;
    case 'k':
        out->keep = true;
        break;
    case 'r':
        out->report_directory = optarg;
        break;
    case 'f':
        out->from = optarg;
        break;
    case 'o':
        out->only = optarg;
        break;
    case 'l':
        out->list = true;
        break;
    case 't':
        return parse_timeout(optarg, &out->step_timeout_ms);
    default:
        out->verbose = true;
        break;
    }
    return true;
}

int run_arguments_read(int argc, char **argv, struct run_arguments *out)
{
    *out = (struct run_arguments){ .endpoint = NULL };
    for (int letter; (letter = getopt_long(argc, argv, "", KNOWN, NULL)) != -1;) {
        if (letter == '?') { /* getopt_long has said what is wrong */
            return CODE_USAGE;
        }
        if (letter == 'h') {
            (void)fputs(HELP_TEXT, stdout);
            return RUN_ARGUMENTS_HELPED;
        }
        if (!take_option(letter, out)) {
            return run_fail(CODE_USAGE, "--step-timeout must be 1 to %d", STEP_TIMEOUT_S_MAX);
        }
    }
    if (argc - optind != 1) {
        return run_fail(CODE_USAGE, "one runbook is needed; see rehearse run --help");
    }
    if (out->from != NULL && out->only != NULL) {
        return run_fail(CODE_USAGE, "--from and --only exclude each other");
    }
    if (out->endpoint != NULL && (out->keep || out->data_directory != NULL)) {
        return run_fail(CODE_USAGE,
                        "--%s is about the private server, and with --endpoint there "
                        "is none",
                        out->keep ? "keep" : "data");
    }
    out->runbook_path = argv[optind];
    return CODE_FINE;
}

/* A step by its number, counted from 1, or by its name in any case. */
static bool find_step(const struct runbook *runbook, const char *wanted, size_t *out_index)
{
    char *end = NULL;
    unsigned long number = strtoul(wanted, &end, 10);
    bool is_number = end != wanted && *end == '\0';
    for (size_t i = 0; i < runbook->step_count; i++) {
        if (is_number ? number == i + 1 : strcasecmp(runbook->steps[i].name, wanted) == 0) {
            *out_index = i;
            return true;
        }
    }
    return false;
}

int run_arguments_choose(const struct run_arguments *arguments,
                         const struct runbook *runbook,
                         size_t *out_first,
                         size_t *out_end)
{
    const char *wanted = arguments->only != NULL ? arguments->only : arguments->from;
    *out_first = 0;
    if (wanted != NULL && !find_step(runbook, wanted, out_first)) {
        return run_fail(CODE_USAGE, "no step \"%s\" in %s; --list shows them", wanted,
                        arguments->runbook_path);
    }
    *out_end = arguments->only != NULL ? *out_first + 1 : runbook->step_count;
    return CODE_FINE;
}
