#include "tools/background.h"

#include "storage/base/arena.h"
#include "tools/judgement.h"
#include "tools/process.h"

#include <string.h>

static const struct step *step_of(const struct background *background, size_t index)
{
    return &background->record->runbook->steps[index];
}

static bool says_how_it_ends(const struct step *step)
{
    for (size_t i = 0; i < step->expectation_count; i++) {
        enum expectation_kind kind = step->expectations[i].kind;
        if (kind == EXPECT_EXIT || kind == EXPECT_EXIT_NONZERO) {
            return true;
        }
    }
    return false;
}

static bool may_end(const struct step *step, int exit_code)
{
    for (size_t i = 0; i < step->expectation_count; i++) {
        const struct expectation *expectation = &step->expectations[i];
        if ((expectation->kind == EXPECT_EXIT && expectation->exit != exit_code) ||
            (expectation->kind == EXPECT_EXIT_NONZERO && exit_code == 0)) {
            return false;
        }
    }
    return says_how_it_ends(step);
}

bool background_start(struct background *background, size_t index)
{
    struct step_record *record = &background->record->steps[index];
    struct background_job *job = &background->jobs[background->count];
    record->tries = 1;
    record->status = STEP_FAILED;
    if (background->count == BACKGROUND_COUNT_MAX) {
        record->trouble = "too many steps run in the background";
        return false;
    }
    int failure =
        shell_start_job(background->shell, step_of(background, index), index + 1, &job->shell_job);
    if (failure != 0) {
        struct buffer text;
        buffer_init(&text, background->arena, 128);
        buffer_append_format(&text, "cannot start the step in the background: %s",
                             strerror(failure));
        record->trouble = bytes_to_text(background->arena, buffer_view(&text));
        return false;
    }
    job->index = index;
    job->began_ms = process_now_ms();
    record->status = STEP_RUNNING;
    background->count += 1;
    return true;
}

const struct step *background_find_ended(struct background *background)
{
    for (size_t i = 0; i < background->count; i++) {
        struct process *process = &background->jobs[i].shell_job.process;
        const struct step *step = step_of(background, background->jobs[i].index);
        if (!process_poll(process) && !may_end(step, process_exit_code(process))) {
            return step;
        }
    }
    return NULL;
}

bool background_find_due(const struct background *background, size_t index, size_t *out_due)
{
    for (size_t i = 0; i < background->count; i++) {
        if (step_of(background, background->jobs[i].index)->background_end_index <= index) {
            *out_due = background->jobs[i].index;
            return true;
        }
    }
    return false;
}

static const char *describe_early_end(struct arena *arena, const struct process *process)
{
    char how[64];
    struct buffer text;
    process_describe_end(process, how, sizeof how);
    buffer_init(&text, arena, 128);
    buffer_append_format(&text, "it ended by itself with %s, and was to run until it is ended",
                         how);
    return bytes_to_text(arena, buffer_view(&text));
}

static struct background_job take_job(struct background *background, size_t index)
{
    size_t place = 0;
    while (background->jobs[place].index != index) {
        place += 1;
    }
    struct background_job job = background->jobs[place];
    background->count -= 1;
    memmove(&background->jobs[place], &background->jobs[place + 1],
            (background->count - place) * sizeof job);
    return job;
}

void background_end(struct background *background, size_t index, bool before_its_time)
{
    struct background_job job = take_job(background, index);
    const struct step *step = step_of(background, index);
    struct step_record *record = &background->record->steps[index];
    struct buffer output;
    buffer_init(&output, background->arena, 4096);
    bool ended = !process_poll(&job.shell_job.process);
    shell_end_job(&job.shell_job, &output);
    *buffer_reserve(&output, 1) = '\0'; /* behind the output, not counted */
    record->output = buffer_view(&output);
    record->duration_ms = process_now_ms() - job.began_ms;
    record->exit_code = process_exit_code(&job.shell_job.process);
    if (ended && !may_end(step, record->exit_code)) {
        record->trouble = describe_early_end(background->arena, &job.shell_job.process);
        record->status = STEP_FAILED;
        (void)judgement_pass(background->arena, step, record);
    } else if (before_its_time) {
        record->trouble = "ended with the run, before its time";
        record->status = STEP_NOT_RUN;
    } else {
        bool passed = judgement_pass(background->arena, step, record);
        record->status = passed ? STEP_PASSED : STEP_FAILED;
    }
}
