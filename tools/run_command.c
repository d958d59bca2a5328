#include "tools/run_command.h"

#include "storage/base/arena.h"
#include "tools/endpoint.h"
#include "tools/environment.h"
#include "tools/exit_code.h"
#include "tools/private_server.h"
#include "tools/process.h"
#include "tools/progress.h"
#include "tools/report.h"
#include "tools/run.h"
#include "tools/runbook.h"
#include "tools/shell.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    STEP_TIMEOUT_S_MAX = 24 * 3600,
    MS_PER_SECOND = 1000,
    REASON_SIZE = 2048,
};

static const char HELP_TEXT[] =
    "usage: rehearse run RUNBOOK.md [options]\n"
    "\n"
    "Runs the fenced bash blocks of a Markdown page as steps, in one shell, and stops at the "
    "first\n"
    "that does not do what its annotations say. Without --endpoint it starts a private "
    "rehearsedb,\n"
    "in memory and on a free port, and stops it at the end.\n"
    "\n"
    "  --endpoint URL          run against this server; `aws` runs against AWS with your own\n"
    "                          credentials and region\n"
    "  --report DIR            write report.json, junit.xml and, of a private server, server.log\n"
    "  --from STEP             begin with this step, given by its number or its name\n"
    "  --only STEP             run this step alone\n"
    "  --list                  show the steps and run nothing\n"
    "  --step-timeout SECONDS  end a step that takes longer, its repetitions together (without:\n"
    "                          300 for each, and as many repetitions as the step asks for)\n"
    "  --verbose               show each step's commands and output\n"
    "  --help                  show this\n"
    "\n"
    "Exit codes: 0 every step held, 1 a step failed, 2 usage or a malformed runbook,\n"
    "3 the runbook, the report's directory or the server cannot be reached or used.\n";

struct options {
    const char *runbook_path;
    const char *endpoint; /* NULL: a private server */
    const char *report_directory;
    const char *from;
    const char *only;
    int64_t step_timeout_ms; /* 0: not given */
    bool list;
    bool verbose;
};

/* All that is to be put away at the end of a run. */
struct session {
    struct arena *arena;
    struct options options;
    struct runbook runbook;
    struct private_server server;
    char directory[PATH_MAX]; /* of our own, for the time of the run */
    const char *endpoint;
};

static int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints one line to stderr and returns the exit code. */
static int fail(int code, const char *format, ...)
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

enum { OPTIONS_HELP = -1 }; /* help was asked for and shown; other results are exit codes */

static int parse_options(int argc, char **argv, struct options *out)
{
    static const struct option known[] = {
        { "endpoint", required_argument, NULL, 'e' },
        { "report", required_argument, NULL, 'r' },
        { "from", required_argument, NULL, 'f' },
        { "only", required_argument, NULL, 'o' },
        { "list", no_argument, NULL, 'l' },
        { "step-timeout", required_argument, NULL, 't' },
        { "verbose", no_argument, NULL, 'v' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    *out = (struct options){ .endpoint = NULL };
    for (int letter; (letter = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (letter) {
        case 'e':
            out->endpoint = optarg;
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
            if (!parse_timeout(optarg, &out->step_timeout_ms)) {
                return fail(CODE_USAGE, "--step-timeout must be 1 to %d", STEP_TIMEOUT_S_MAX);
            }
            break;
        case 'v':
            out->verbose = true;
            break;
        case 'h':
            (void)fputs(HELP_TEXT, stdout);
            return OPTIONS_HELP;
        default: /* getopt_long has said what is wrong */
            return CODE_USAGE;
        }
    }
    if (argc - optind != 1) {
        return fail(CODE_USAGE, "one runbook is needed; see rehearse run --help");
    }
    if (out->from != NULL && out->only != NULL) {
        return fail(CODE_USAGE, "--from and --only exclude each other");
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

static int choose_steps(const struct session *session, struct run_options *out)
{
    const struct options *options = &session->options;
    const struct runbook *runbook = &session->runbook;
    *out = (struct run_options){
        .first = 0,
        .end = runbook->step_count,
        .step_timeout_ms = options->step_timeout_ms,
    };
    const char *wanted = options->only != NULL ? options->only : options->from;
    if (wanted != NULL && !find_step(runbook, wanted, &out->first)) {
        return fail(CODE_USAGE, "no step \"%s\" in %s; --list shows them", wanted,
                    options->runbook_path);
    }
    if (options->only != NULL) {
        out->end = out->first + 1;
    }
    return CODE_FINE;
}

static void list_steps(const struct runbook *runbook, const struct run_options *chosen)
{
    for (size_t i = chosen->first; i < chosen->end; i++) {
        const struct step *step = &runbook->steps[i];
        (void)printf("%3zu  line %-4d  %s", i + 1, step->line, step->name);
        if (step->skip != NULL) {
            (void)printf("  [skipped%s%s]", step->skip[0] != '\0' ? ": " : "", step->skip);
        }
        (void)putchar('\n');
    }
}

static int use_endpoint(struct session *session)
{
    const char *given = session->options.endpoint;
    if (strcmp(given, "aws") == 0) {
        environment_use_aws();
        session->endpoint = "aws";
        return CODE_FINE;
    }
    char reason[REASON_SIZE];
    enum endpoint_kind kind = endpoint_probe(given, reason, sizeof reason);
    if (kind == ENDPOINT_MALFORMED) {
        return fail(CODE_USAGE, "--endpoint %s: %s", given, reason);
    }
    if (kind == ENDPOINT_UNREACHABLE) {
        return fail(CODE_UNREACHABLE, "cannot reach %s: %s", given, reason);
    }
    struct bytes url = bytes_of_text(given);
    url.length -= given[url.length - 1] == '/' ? 1 : 0;
    session->endpoint = bytes_to_text(session->arena, url);
    environment_use_endpoint(session->endpoint, kind == ENDPOINT_REHEARSEDB);
    return CODE_FINE;
}

static int start_server(struct session *session)
{
    const char *report = session->options.report_directory;
    char reason[REASON_SIZE];
    environment_clear_for_private_server();
    if (!private_server_start(&session->server, report != NULL ? report : session->directory,
                              reason, sizeof reason)) {
        return fail(CODE_UNREACHABLE, "cannot start a private server: %s", reason);
    }
    session->endpoint = session->server.url;
    environment_use_private_server(session->endpoint);
    return CODE_FINE;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static int run_with_shell(struct session *session, const struct run_options *chosen)
{
    const struct runbook *runbook = &session->runbook;
    const struct options *options = &session->options;
    struct run_record record = {
        .runbook = runbook,
        .endpoint = session->endpoint,
        .started = time(NULL),
        .steps = arena_alloc_zero(session->arena, runbook->step_count * sizeof *record.steps),
    };
    for (size_t i = 0; i < runbook->step_count; i++) {
        record.steps[i].exit_code = EXIT_CODE_NONE;
    }
    struct shell shell;
    int failure = shell_open(&shell, session->directory, base_name(options->runbook_path));
    if (failure != 0) {
        return fail(CODE_UNREACHABLE, "cannot start bash: %s", strerror(failure));
    }
    struct progress progress;
    progress_begin(&progress, runbook, session->endpoint, options->verbose);
    bool held = run_steps(session->arena, chosen, &shell, &progress, &record);
    shell_close(&shell);
    (void)unlink(shell.step_path);
    progress_end(&progress, &record);
    if (options->report_directory != NULL &&
        !report_write(session->arena, options->report_directory, &record)) {
        return fail(CODE_UNREACHABLE, "cannot write the report to %s: %s",
                    options->report_directory, strerror(errno));
    }
    return held ? CODE_FINE : CODE_NOT_SO;
}

/* With the runbook known and our directory made. */
static int run_against_server(struct session *session, const struct run_options *chosen)
{
    if (session->options.endpoint != NULL) {
        int code = use_endpoint(session);
        return code == CODE_FINE ? run_with_shell(session, chosen) : code;
    }
    int code = start_server(session);
    if (code != CODE_FINE) {
        return code;
    }
    code = run_with_shell(session, chosen);
    char reason[REASON_SIZE];
    if (!private_server_runs(&session->server, reason, sizeof reason)) {
        code = fail(CODE_UNREACHABLE, "the private server is gone: %s", reason);
    }
    private_server_stop(&session->server);
    return code;
}

static int run_in_directory(struct session *session, const struct run_options *chosen)
{
    const char *report = session->options.report_directory;
    if (report != NULL && !report_prepare(report)) {
        return fail(CODE_UNREACHABLE, "cannot write to %s: %s", report, strerror(errno));
    }
    const char *parent = getenv("TMPDIR");
    parent = parent != NULL && parent[0] != '\0' ? parent : "/tmp";
    int length =
        snprintf(session->directory, sizeof session->directory, "%s/rehearse-XXXXXX", parent);
    if (length >= (int)sizeof session->directory || mkdtemp(session->directory) == NULL) {
        return fail(CODE_UNREACHABLE, "cannot make a directory in %s: %s", parent, strerror(errno));
    }
    process_catch_interrupts();
    int code = run_against_server(session, chosen);
    if (session->options.endpoint == NULL && report == NULL) {
        (void)unlink(session->server.log_path);
    }
    (void)rmdir(session->directory);
    return code;
}

static int run_session(struct session *session)
{
    const char *error = NULL;
    const char *path = session->options.runbook_path;
    switch (runbook_load(session->arena, path, &session->runbook, &error)) {
    case RUNBOOK_OK:
        break;
    case RUNBOOK_UNREADABLE:
        return fail(CODE_UNREACHABLE, "%s", error);
    case RUNBOOK_MALFORMED:
        return fail(CODE_USAGE, "%s", error);
    }
    struct run_options chosen;
    int code = choose_steps(session, &chosen);
    if (code != CODE_FINE) {
        return code;
    }
    if (session->options.list) {
        list_steps(&session->runbook, &chosen);
        return CODE_FINE;
    }
    return run_in_directory(session, &chosen);
}

int run_command(int argc, char **argv)
{
    struct arena arena;
    arena_init(&arena);
    struct session session = { .arena = &arena };
    int code = parse_options(argc, argv, &session.options);
    if (code == CODE_FINE) {
        code = run_session(&session);
    }
    arena_deinit(&arena);
    process_yield_to_interrupt();
    return code == OPTIONS_HELP ? CODE_FINE : code;
}
