#include "tools/run.h"

#include "storage/base/arena.h"
#include "tools/process.h"
#include "tools/progress.h"
#include "tools/shell.h"

#include <errno.h>
#include <regex.h>
#include <string.h>

enum {
    STEP_TIMEOUT_MS_DEFAULT = 300 * 1000,
    MS_PER_SECOND = 1000,
    WAIT_SLICE_MS = 100,
};

/* One step under way. */
struct attempt {
    struct arena *arena;
    struct shell *shell;
    const struct shell_observer *observer;
    const struct step *step;
    struct step_record *record;
    struct buffer output; /* of the last try; a zero byte follows it */
};

static bool matches(const char *pattern, const char *text)
{
    regex_t compiled;
    /* Line by line: ^ and $ are the ends of a line, a dot is not a line feed. */
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) != 0) {
        return false;
    }
    bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return found;
}

static bool holds(const struct attempt *attempt, const struct expectation *expectation)
{
    const char *output = (const char *)attempt->output.data;
    switch (expectation->kind) {
    case EXPECT_EXIT:
        return attempt->record->exit_code == expectation->exit;
    case EXPECT_EXIT_NONZERO:
        return attempt->record->exit_code != 0;
    case EXPECT_CONTAINS:
    case EXPECT_UNTIL:
        return strstr(output, expectation->text) != NULL;
    case EXPECT_ABSENT:
        return strstr(output, expectation->text) == NULL;
    case EXPECT_MATCHES:
        return matches(expectation->text, output);
    }
    return false;
}

/* What the step waits for; NULL if it is run once. */
static const struct expectation *find_until(const struct step *step)
{
    for (size_t i = 0; i < step->expectation_count; i++) {
        if (step->expectations[i].kind == EXPECT_UNTIL) {
            return &step->expectations[i];
        }
    }
    return NULL;
}

/* What kept the step from its end, as a sentence; NULL: nothing. */
static const char *
describe_trouble(const struct attempt *attempt, enum shell_outcome outcome, int64_t step_timeout_ms)
{
    struct buffer text;
    buffer_init(&text, attempt->arena, 128);
    switch (outcome) {
    case SHELL_STEP_DONE:
        return NULL;
    case SHELL_ENDED:
        buffer_append_format(&text,
                             "the step ended the shell of the whole run (status %d): a step must "
                             "not use exit or exec, nor set -e; return ends only the step",
                             attempt->record->exit_code);
        break;
    case SHELL_TIMED_OUT: {
        int64_t limit_ms = step_timeout_ms > 0 ? step_timeout_ms : STEP_TIMEOUT_MS_DEFAULT;
        buffer_append_format(&text, "not done after %lld s; ended with all it had started",
                             (long long)(limit_ms / MS_PER_SECOND));
        break;
    }
    case SHELL_INTERRUPTED:
        buffer_append_text(&text, "interrupted");
        break;
    case SHELL_BROKEN:
        buffer_append_format(&text, "cannot hand the step over to the shell: %s", strerror(errno));
        break;
    }
    return bytes_to_text(attempt->arena, buffer_view(&text));
}

/* Runs the step once. */
static enum shell_outcome try_once(struct attempt *attempt, int64_t deadline_ms)
{
    attempt->output.length = 0;
    attempt->record->tries += 1;
    int exit_code = EXIT_CODE_NONE;
    enum shell_outcome outcome = shell_run(attempt->shell, attempt->step, deadline_ms,
                                           attempt->observer, &attempt->output, &exit_code);
    attempt->record->exit_code = exit_code;
    *buffer_reserve(&attempt->output, 1) = '\0'; /* behind the output, not counted */
    attempt->record->output = buffer_view(&attempt->output);
    return outcome;
}

static void wait_before_next_try(const struct attempt *attempt)
{
    int64_t end_ms = process_now_ms() + (int64_t)attempt->step->every_s * MS_PER_SECOND;
    while (process_now_ms() < end_ms && !process_interrupted()) {
        process_sleep_ms(WAIT_SLICE_MS);
        attempt->observer->waiting(attempt->observer->context);
    }
}

/* Runs the step, again and again if it waits for something. */
static enum shell_outcome try_until(struct attempt *attempt, int64_t step_timeout_ms)
{
    const struct expectation *until = find_until(attempt->step);
    int64_t begin_ms = process_now_ms();
    int64_t patience_ms = (int64_t)attempt->step->within_s * MS_PER_SECOND;
    if (step_timeout_ms > 0 && patience_ms > step_timeout_ms) {
        patience_ms = step_timeout_ms;
    }
    for (;;) {
        int64_t deadline_ms = step_timeout_ms > 0 ? begin_ms + step_timeout_ms
                                                  : process_now_ms() + STEP_TIMEOUT_MS_DEFAULT;
        enum shell_outcome outcome = try_once(attempt, deadline_ms);
        if (outcome != SHELL_STEP_DONE || until == NULL || holds(attempt, until)) {
            return outcome;
        }
        wait_before_next_try(attempt);
        if (process_interrupted()) {
            return SHELL_INTERRUPTED;
        }
        if (process_now_ms() - begin_ms >= patience_ms) {
            return SHELL_STEP_DONE; /* judged as it is */
        }
    }
}

static bool judge(struct attempt *attempt)
{
    const struct step *step = attempt->step;
    bool *held = arena_alloc(attempt->arena, step->expectation_count * sizeof *held);
    bool all = true;
    for (size_t i = 0; i < step->expectation_count; i++) {
        held[i] = holds(attempt, &step->expectations[i]);
        all = all && held[i];
    }
    attempt->record->held = held;
    return all;
}

static void run_step(struct attempt *attempt, int64_t step_timeout_ms)
{
    struct step_record *record = attempt->record;
    int64_t begin_ms = process_now_ms();
    enum shell_outcome outcome = try_until(attempt, step_timeout_ms);
    record->trouble = describe_trouble(attempt, outcome, step_timeout_ms);
    record->duration_ms = process_now_ms() - begin_ms;
    bool passed = outcome == SHELL_STEP_DONE && judge(attempt);
    record->status = passed ? STEP_PASSED : STEP_FAILED;
}

static void tell_printed(void *context, struct bytes output)
{
    progress_step_printed(context, output);
}

static void tell_waiting(void *context)
{
    progress_step_waiting(context);
}

bool run_steps(struct arena *arena,
               const struct run_options *options,
               struct shell *shell,
               struct progress *progress,
               struct run_record *record)
{
    const struct shell_observer observer = { tell_printed, tell_waiting, progress };
    for (size_t i = options->first; i < options->end; i++) {
        const struct step *step = &record->runbook->steps[i];
        struct step_record *step_record = &record->steps[i];
        if (step->skip != NULL) {
            step_record->status = STEP_SKIPPED;
        } else {
            struct attempt attempt = {
                .arena = arena,
                .shell = shell,
                .observer = &observer,
                .step = step,
                .record = step_record,
            };
            buffer_init(&attempt.output, arena, 4096);
            progress_step_begin(progress, i);
            run_step(&attempt, options->step_timeout_ms);
        }
        progress_step_end(progress, i, step_record);
        if (step_record->status == STEP_FAILED) {
            return false;
        }
    }
    return true;
}
