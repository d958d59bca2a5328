#include "tools/run.h"

#include "storage/base/arena.h"
#include "tools/background.h"
#include "tools/judgement.h"
#include "tools/observation.h"
#include "tools/process.h"
#include "tools/progress.h"
#include "tools/shell.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    STEP_TIMEOUT_MS_DEFAULT = 300 * 1000,
    MS_PER_SECOND = 1000,
    WAIT_SLICE_MS = 100,
};

/* One run under way. */
struct run {
    struct arena *arena;
    const struct run_options *options;
    struct shell *shell;
    struct progress *progress;
    struct observation *observation;
    struct run_record *record;
    struct background background;
    const struct step *ended; /* one in the background that has ended before its time, or NULL */
};

/* One step under way. */
struct attempt {
    struct run *run;
    const struct step *step;
    struct step_record *record;
    struct shell_observer observer;
    struct buffer output; /* of the last try; a zero byte follows it */
};

static const char *text_of(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* printf into the arena. */
static const char *text_of(struct arena *arena, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return bytes_to_text(arena, bytes_of_text(text));
}

/* What kept the step from its end, as a sentence; NULL: nothing. */
static const char *describe_trouble(const struct attempt *attempt, enum shell_outcome outcome)
{
    struct arena *arena = attempt->run->arena;
    int64_t limit_ms = attempt->run->options->step_timeout_ms;
    switch (outcome) {
    case SHELL_STEP_DONE:
        return NULL;
    case SHELL_ENDED:
        return text_of(arena,
                       "the step ended the shell of the whole run (status %d): a step must "
                       "not use exit or exec, nor set -e; return ends only the step",
                       attempt->record->exit_code);
    case SHELL_TIMED_OUT:
        limit_ms = limit_ms > 0 ? limit_ms : STEP_TIMEOUT_MS_DEFAULT;
        return text_of(arena, "not done after %lld s; ended with all it had started",
                       (long long)(limit_ms / MS_PER_SECOND));
    case SHELL_INTERRUPTED:
        return "interrupted";
    case SHELL_STOPPED:
        return text_of(arena, "stopped, because the step \"%s\" in the background has ended",
                       attempt->run->ended->name);
    case SHELL_BROKEN:
        return text_of(arena, "cannot hand the step over to the shell: %s", strerror(errno));
    }
    return NULL;
}

/* Runs the step once. */
static enum shell_outcome try_once(struct attempt *attempt, int64_t deadline_ms)
{
    attempt->output.length = 0;
    attempt->record->tries += 1;
    int exit_code = EXIT_CODE_NONE;
    enum shell_outcome outcome = shell_run(attempt->run->shell, attempt->step, deadline_ms,
                                           &attempt->observer, &attempt->output, &exit_code);
    attempt->record->exit_code = exit_code;
    *buffer_reserve(&attempt->output, 1) = '\0'; /* behind the output, not counted */
    attempt->record->output = buffer_view(&attempt->output);
    return outcome;
}

/* False when the run must not go on. */
static bool wait_before_next_try(const struct attempt *attempt)
{
    int64_t end_ms = process_now_ms() + (int64_t)attempt->step->every_s * MS_PER_SECOND;
    while (process_now_ms() < end_ms && !process_interrupted()) {
        process_sleep_ms(WAIT_SLICE_MS);
        if (!attempt->observer.waiting(attempt->observer.context)) {
            return false;
        }
    }
    return true;
}

/* Runs the step, again and again if it waits for something. */
static enum shell_outcome try_until_done(struct attempt *attempt)
{
    int64_t step_timeout_ms = attempt->run->options->step_timeout_ms;
    int64_t begin_ms = process_now_ms();
    int64_t patience_ms = (int64_t)attempt->step->within_s * MS_PER_SECOND;
    if (step_timeout_ms > 0 && patience_ms > step_timeout_ms) {
        patience_ms = step_timeout_ms;
    }
    for (;;) {
        int64_t deadline_ms = step_timeout_ms > 0 ? begin_ms + step_timeout_ms
                                                  : process_now_ms() + STEP_TIMEOUT_MS_DEFAULT;
        enum shell_outcome outcome = try_once(attempt, deadline_ms);
        if (outcome != SHELL_STEP_DONE || judgement_is_done(attempt->step, attempt->record)) {
            return outcome;
        }
        if (!wait_before_next_try(attempt)) {
            return SHELL_STOPPED;
        }
        if (process_interrupted()) {
            return SHELL_INTERRUPTED;
        }
        if (process_now_ms() - begin_ms >= patience_ms) {
            return SHELL_STEP_DONE; /* judged as it is */
        }
    }
}

/* Hands what the step's captures find to the shell. False: one finds nothing. */
static bool take_captures(struct run *run, const struct step *step, struct step_record *record)
{
    struct bytes *values = arena_alloc(run->arena, step->capture_count * sizeof *values);
    for (size_t i = 0; i < step->capture_count; i++) {
        const struct capture *capture = &step->captures[i];
        if (!judgement_capture(capture, record, &values[i])) {
            record->trouble = text_of(run->arena, "nothing in its output matches capture %s=%s",
                                      capture->name, capture->pattern);
            return false;
        }
        if (!shell_set_variable(run->shell, capture->name, values[i])) {
            record->trouble =
                text_of(run->arena, "the shell does not set the variable %s", capture->name);
            return false;
        }
    }
    record->captured = step->capture_count > 0 ? values : NULL;
    return true;
}

static void tell_printed(void *context, struct bytes output)
{
    struct run *run = context;
    progress_step_printed(run->progress, output);
}

static bool tell_waiting(void *context)
{
    struct run *run = context;
    progress_step_waiting(run->progress);
    observation_tick(run->observation);
    run->ended = background_find_ended(&run->background);
    return run->ended == NULL;
}

static void run_in_foreground(struct run *run, size_t index)
{
    struct step_record *record = &run->record->steps[index];
    struct attempt attempt = {
        .run = run,
        .step = &run->record->runbook->steps[index],
        .record = record,
        .observer = { tell_printed, tell_waiting, run },
    };
    buffer_init(&attempt.output, run->arena, 4096);
    int64_t begin_ms = process_now_ms();
    enum shell_outcome outcome = try_until_done(&attempt);
    record->trouble = describe_trouble(&attempt, outcome);
    record->duration_ms = process_now_ms() - begin_ms;
    bool passed = outcome == SHELL_STEP_DONE && judgement_pass(run->arena, attempt.step, record) &&
                  take_captures(run, attempt.step, record);
    record->status = passed ? STEP_PASSED : STEP_FAILED;
}

/* Ends a step in the background; true when it has passed, or was not judged. */
static bool end_job(struct run *run, size_t index, bool before_its_time)
{
    struct step_record *record = &run->record->steps[index];
    background_end(&run->background, index, before_its_time);
    if (record->status == STEP_PASSED &&
        !take_captures(run, &run->record->runbook->steps[index], record)) {
        record->status = STEP_FAILED;
    }
    progress_background_end(run->progress, index, record);
    return record->status != STEP_FAILED;
}

/* Ends what the step `index` ends. */
static bool end_due_jobs(struct run *run, size_t index)
{
    bool passed = true;
    size_t due = 0;
    while (background_find_due(&run->background, index, &due)) {
        passed = end_job(run, due, false) && passed;
    }
    return passed;
}

static const char *reason_to_skip(const struct run *run, const struct step *step)
{
    if (step->skip != NULL) {
        return step->skip;
    }
    if (step->place == PLACE_AWS && !run->options->is_aws) {
        return "only for AWS";
    }
    if (step->place == PLACE_REHEARSEDB && !run->options->is_rehearsedb) {
        return "only for rehearsedb";
    }
    return NULL;
}

/* Takes the step's snapshot. False: it has failed thereby. */
static bool take_snapshot(struct run *run, size_t index)
{
    const struct step *step = &run->record->runbook->steps[index];
    const char *wrong = NULL;
    if (step->snapshot == NULL || (run->options->restored && index == run->options->first)) {
        return true; /* the store is in the state of that snapshot */
    }
    if (observation_take_snapshot(run->observation, step->snapshot, &wrong)) {
        return true;
    }
    run->record->steps[index].status = STEP_FAILED;
    run->record->steps[index].trouble =
        text_of(run->arena, "cannot take the snapshot %s: %s", step->snapshot, wrong);
    return false;
}

/* False when the run must not go on. */
static bool run_step(struct run *run, size_t index)
{
    const struct step *step = &run->record->runbook->steps[index];
    struct step_record *record = &run->record->steps[index];
    record->began_ms = process_now_ms() - run->record->began_ms;
    record->skip_reason = reason_to_skip(run, step);
    if (record->skip_reason != NULL) {
        record->status = STEP_SKIPPED;
    } else {
        progress_step_begin(run->progress, index);
        if (take_snapshot(run, index)) {
            if (step->background) {
                (void)background_start(&run->background, index);
            } else {
                run_in_foreground(run, index);
            }
            observation_look(run->observation);
        }
    }
    progress_step_end(run->progress, index, record);
    return record->status != STEP_FAILED && background_find_ended(&run->background) == NULL;
}

static bool is_chosen(const struct run *run, size_t index)
{
    const struct step *step = &run->record->runbook->steps[index];
    bool in_range = index >= run->options->first && index < run->options->end;
    return in_range || (step->always && index < run->options->first);
}

static bool all_passed(const struct run_record *record)
{
    return record_count(record).failed == 0;
}

bool run_steps(struct arena *arena,
               const struct run_options *options,
               const struct run_parts *parts,
               struct run_record *record)
{
    struct run run = {
        .arena = arena,
        .options = options,
        .shell = parts->shell,
        .progress = parts->progress,
        .observation = parts->observation,
        .record = record,
        .background = { .arena = arena, .shell = parts->shell, .record = record },
    };
    size_t step_count = record->runbook->step_count;
    bool goes_on = true;
    observation_look(run.observation);
    for (size_t i = 0; goes_on && i < step_count; i++) {
        if (is_chosen(&run, i)) {
            goes_on = end_due_jobs(&run, i) && run_step(&run, i);
        }
    }
    if (goes_on) {
        (void)end_due_jobs(&run, step_count);
    }
    while (run.background.count > 0) {
        (void)end_job(&run, run.background.jobs[0].index, true);
    }
    observation_look(run.observation);
    record->duration_ms = process_now_ms() - record->began_ms;
    return all_passed(record);
}
