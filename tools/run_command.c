#include "tools/run_command.h"

#include "storage/base/arena.h"
#include "tools/endpoint.h"
#include "tools/environment.h"
#include "tools/exit_code.h"
#include "tools/observation.h"
#include "tools/private_server.h"
#include "tools/process.h"
#include "tools/progress.h"
#include "tools/report/report.h"
#include "tools/run.h"
#include "tools/run_arguments.h"
#include "tools/runbook.h"
#include "tools/scrub.h"
#include "tools/shell.h"
#include "tools/warnings.h"
#include "tools/workspace.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_SIZE = 2048 };

/* All that is to be put away at the end of a run. */
struct session {
    struct arena *arena;
    struct arena *scratch; /* of the observation */
    struct run_arguments arguments;
    struct runbook runbook;
    struct run_options options;
    struct workspace workspace;
    struct private_server server;
    const char *endpoint;
    const char *closed; /* why the control surface of a rehearsedb cannot be used; else NULL */
};

static void list_steps(const struct session *session)
{
    for (size_t i = session->options.first; i < session->options.end; i++) {
        const struct step *step = &session->runbook.steps[i];
        (void)printf("%3zu  line %-4d  %s", i + 1, step->line, step->name);
        if (step->skip != NULL) {
            (void)printf("  [skipped%s%s]", step->skip[0] != '\0' ? ": " : "", step->skip);
        } else if (step->place != PLACE_ANYWHERE) {
            (void)printf("  [only for %s]", step->place == PLACE_AWS ? "AWS" : "rehearsedb");
        }
        if (step->background) {
            (void)printf("  [in the background]");
        }
        if (step->snapshot != NULL) {
            (void)printf("  [snapshot %s]", step->snapshot);
        }
        (void)putchar('\n');
    }
}

static int use_endpoint(struct session *session)
{
    const char *given = session->arguments.endpoint;
    if (strcmp(given, "aws") == 0) {
        environment_use_aws();
        session->options.is_aws = true;
        session->endpoint = "aws";
        return CODE_FINE;
    }
    char reason[REASON_SIZE];
    enum endpoint_kind kind = endpoint_probe(given, reason, sizeof reason);
    if (kind == ENDPOINT_MALFORMED) {
        return run_fail(CODE_USAGE, "--endpoint %s: %s", given, reason);
    }
    if (kind == ENDPOINT_UNREACHABLE) {
        return run_fail(CODE_UNREACHABLE, "cannot reach %s: %s", given, reason);
    }
    struct bytes url = bytes_of_text(given);
    url.length -= given[url.length - 1] == '/' ? 1 : 0;
    session->endpoint = bytes_to_text(session->arena, url);
    session->options.is_rehearsedb = kind == ENDPOINT_REHEARSEDB;
    if (kind == ENDPOINT_CLOSED) {
        struct buffer lack;
        buffer_init(&lack, session->arena, 256);
        buffer_append_format(&lack, "the control surface is closed (%s)", reason);
        session->closed = bytes_to_text(session->arena, buffer_view(&lack));
        (void)fprintf(stderr, "rehearse run: %s: steps only for rehearsedb are passed over\n",
                      session->closed);
    }
    environment_use_endpoint(session->endpoint, session->options.is_rehearsedb);
    return CODE_FINE;
}

static int start_server(struct session *session)
{
    const char *report = session->arguments.report_directory;
    struct private_server_options options = {
        .log_directory = report != NULL ? report : session->workspace.directory,
        .data_directory = session->arguments.data_directory,
        .lasting = session->arguments.keep,
    };
    char reason[REASON_SIZE];
    environment_clear_for_private_server();
    if (!private_server_start(&session->server, &options, reason, sizeof reason)) {
        return run_fail(CODE_UNREACHABLE, "cannot start a private server: %s", reason);
    }
    session->endpoint = session->server.url;
    session->options.is_rehearsedb = true;
    environment_use_private_server(session->endpoint);
    return CODE_FINE;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* With --from: back to the first step's snapshot, if there is one. */
static int go_back(struct session *session, struct observation *observation)
{
    const struct step *first = &session->runbook.steps[session->options.first];
    const char *wrong = NULL;
    if (session->arguments.from == NULL || first->snapshot == NULL) {
        return CODE_FINE;
    }
    switch (observation_restore_snapshot(observation, first->snapshot, &wrong)) {
    case OBSERVATION_RESTORED:
        session->options.restored = true;
        (void)printf("went back to the snapshot %s\n", first->snapshot);
        return CODE_FINE;
    case OBSERVATION_NO_SNAPSHOT:
        (void)printf("there is no snapshot %s to go back to: the data are as they are\n",
                     first->snapshot);
        return CODE_FINE;
    case OBSERVATION_NOT_RESTORED:
        break;
    }
    return run_fail(CODE_UNREACHABLE, "cannot go back to the snapshot %s: %s", first->snapshot,
                    wrong);
}

static int write_report(struct session *session, struct run_record *record)
{
    const char *directory = session->arguments.report_directory;
    struct scrub scrub = {
        .arena = session->arena,
        .directory = session->workspace.directory,
    };
    if (session->arguments.endpoint == NULL) {
        scrub.address = strstr(session->endpoint, "://") + 3;
        record->endpoint = "private rehearsedb";
    }
    scrub_record(&scrub, record);
    if (!report_write(session->arena, directory, record)) {
        return run_fail(CODE_UNREACHABLE, "cannot write the report to %s: %s", directory,
                        strerror(errno));
    }
    return CODE_FINE;
}

/* With the shell and the observation open. */
static int run_with_parts(struct session *session, struct run_parts *parts)
{
    const struct runbook *runbook = &session->runbook;
    struct run_record record = {
        .runbook = runbook,
        .endpoint = session->endpoint,
        .started = time(NULL),
        .began_ms = parts->observation->began_ms,
        .steps = arena_alloc_zero(session->arena, runbook->step_count * sizeof *record.steps),
    };
    for (size_t i = 0; i < runbook->step_count; i++) {
        record.steps[i].exit_code = EXIT_CODE_NONE;
    }
    progress_begin(parts->progress, runbook, session->endpoint, session->arguments.verbose);
    int code = go_back(session, parts->observation);
    if (code != CODE_FINE) {
        shell_close(parts->shell);
        return code;
    }
    code = run_steps(session->arena, &session->options, parts, &record) ? CODE_FINE : CODE_NOT_SO;
    shell_close(parts->shell);
    record.observed = observation_result(parts->observation);
    warnings_find(session->arena, &record);
    progress_end(parts->progress, &record);
    if (session->arguments.report_directory != NULL) {
        int written = write_report(session, &record);
        code = written != CODE_FINE ? written : code;
    }
    return code;
}

static int run_with_shell(struct session *session)
{
    struct shell shell;
    struct progress progress;
    struct observation observation;
    struct run_parts parts = { &shell, &progress, &observation };
    int failure = shell_open(&shell, session->workspace.directory,
                             base_name(session->arguments.runbook_path));
    if (failure != 0) {
        return run_fail(CODE_UNREACHABLE, "cannot start bash: %s", strerror(failure));
    }
    const struct run_options *options = &session->options;
    observation_open(&observation, session->arena, session->scratch,
                     options->is_rehearsedb ? session->endpoint : NULL,
                     options->is_aws           ? "AWS does not tell"
                     : session->closed != NULL ? session->closed
                                               : "the endpoint is not rehearsedb");
    int code = run_with_parts(session, &parts);
    observation_close(&observation);
    return code;
}

/* Leaves the server running and says what to do with it. */
static void keep_server(struct session *session)
{
    const char *url = session->server.url;
    const char *page = session->arguments.runbook_path;
    const char *data = session->arguments.data_directory;
    const char *rest = session->workspace.directory;
    long id = private_server_keep(&session->server);
    (void)printf("kept: %s, process %ld, data %s%s\n"
                 "  look:    AWS_ACCESS_KEY_ID=rehearsal AWS_SECRET_ACCESS_KEY=rehearsal \\\n"
                 "           aws dynamodb list-tables --region us-east-1 --endpoint-url %s\n"
                 "  go on:   rehearse run %s --endpoint %s --from STEP\n"
                 "  end it:  kill %ld; rm -r %s\n",
                 url, id, data != NULL ? "in " : "in memory", data != NULL ? data : "", url, page,
                 url, id, rest);
}

/* With the runbook known and our directory made. */
static int run_against_server(struct session *session)
{
    if (session->arguments.endpoint != NULL) {
        int code = use_endpoint(session);
        return code == CODE_FINE ? run_with_shell(session) : code;
    }
    int code = start_server(session);
    if (code != CODE_FINE) {
        return code;
    }
    code = run_with_shell(session);
    char reason[REASON_SIZE];
    if (!private_server_runs(&session->server, reason, sizeof reason)) {
        code = run_fail(CODE_UNREACHABLE, "the private server is gone: %s", reason);
    } else if (session->arguments.keep) {
        keep_server(session);
        session->workspace.keep = true;
    }
    private_server_stop(&session->server);
    return code;
}

static int run_in_workspace(struct session *session)
{
    const char *report = session->arguments.report_directory;
    if (report != NULL && !report_prepare(report)) {
        return run_fail(CODE_UNREACHABLE, "cannot write to %s: %s", report, strerror(errno));
    }
    if (!workspace_open(&session->workspace)) {
        return run_fail(CODE_UNREACHABLE, "cannot make a directory in %s: %s", workspace_parent(),
                        strerror(errno));
    }
    process_catch_interrupts();
    int code = run_against_server(session);
    workspace_close(&session->workspace);
    return code;
}

static int run_session(struct session *session)
{
    const char *error = NULL;
    switch (
        runbook_load(session->arena, session->arguments.runbook_path, &session->runbook, &error)) {
    case RUNBOOK_OK:
        break;
    case RUNBOOK_UNREADABLE:
        return run_fail(CODE_UNREACHABLE, "%s", error);
    case RUNBOOK_MALFORMED:
        return run_fail(CODE_USAGE, "%s", error);
    }
    struct run_options *options = &session->options;
    options->step_timeout_ms = session->arguments.step_timeout_ms;
    int code = run_arguments_choose(&session->arguments, &session->runbook, &options->first,
                                    &options->end);
    if (code != CODE_FINE) {
        return code;
    }
    if (session->arguments.list) {
        list_steps(session);
        return CODE_FINE;
    }
    return run_in_workspace(session);
}

int run_command(int argc, char **argv)
{
    struct arena arena;
    struct arena scratch;
    arena_init(&arena);
    arena_init(&scratch);
    struct session session = { .arena = &arena, .scratch = &scratch };
    int code = run_arguments_read(argc, argv, &session.arguments);
    if (code == CODE_FINE) {
        code = run_session(&session);
    }
    arena_deinit(&scratch);
    arena_deinit(&arena);
    process_yield_to_interrupt();
    return code == RUN_ARGUMENTS_HELPED ? CODE_FINE : code;
}
