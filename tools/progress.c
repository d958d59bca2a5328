#include "tools/progress.h"

#include "storage/base/arena.h"
#include "tools/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FRAME_MS = 100,
    MS_PER_SECOND = 1000,
    OUTPUT_LINE_COUNT_MAX = 40, /* of a failed step */
};

static const char RED[] = "31";
static const char GREEN[] = "32";
static const char YELLOW[] = "33";

void progress_begin(struct progress *progress,
                    const struct runbook *runbook,
                    const char *endpoint,
                    bool verbose)
{
    const char *kind = getenv("TERM");
    bool terminal = isatty(STDOUT_FILENO) == 1 && kind != NULL && strcmp(kind, "dumb") != 0;
    *progress = (struct progress){
        .runbook = runbook,
        .verbose = verbose,
        .terminal = terminal,
        .colour = terminal && getenv("NO_COLOR") == NULL,
    };
    (void)printf("%s: %zu step%s against %s\n", runbook->path, runbook->step_count,
                 runbook->step_count == 1 ? "" : "s", endpoint);
    (void)fflush(stdout);
}

static void print_coloured(const struct progress *progress, const char *colour, const char *text)
{
    if (progress->colour) {
        (void)printf("\033[%sm%s\033[0m", colour, text);
    } else {
        (void)fputs(text, stdout);
    }
}

static void print_number(const struct progress *progress, size_t index)
{
    size_t total = progress->runbook->step_count;
    int width = snprintf(NULL, 0, "%zu", total);
    (void)printf("[%*zu/%zu] ", width, index + 1, total);
}

static void print_seconds(int64_t duration_ms)
{
    (void)printf("%lld.%lld s", (long long)(duration_ms / MS_PER_SECOND),
                 (long long)(duration_ms % MS_PER_SECOND / 100));
}

static void print_heading(const struct progress *progress, size_t index)
{
    print_number(progress, index);
    (void)printf("%s ... ", progress->runbook->steps[index].name);
}

/* Each line behind the prefix; a last line without its end gets one. */
static void print_lines(const char *prefix, struct bytes text)
{
    const uint8_t *next = text.data;
    const uint8_t *end = text.data + text.length;
    while (next < end) {
        const uint8_t *feed = memchr(next, '\n', (size_t)(end - next));
        const uint8_t *stop = feed != NULL ? feed : end;
        (void)printf("%s%.*s\n", prefix, (int)(stop - next), (const char *)next);
        next = stop + 1;
    }
}

void progress_step_begin(struct progress *progress, size_t index)
{
    progress->index = index;
    progress->begin_ms = process_now_ms();
    progress->drawn_ms = 0;
    progress->at_line_start = true;
    if (progress->verbose) {
        const struct step *step = &progress->runbook->steps[index];
        print_number(progress, index);
        (void)printf("%s\n", step->name);
        print_lines("  $ ", bytes_of_text(step->command));
    } else if (!progress->terminal) {
        print_heading(progress, index);
    }
    (void)fflush(stdout);
}

void progress_step_printed(struct progress *progress, struct bytes output)
{
    if (!progress->verbose) {
        return;
    }
    for (size_t i = 0; i < output.length; i++) {
        if (progress->at_line_start) {
            (void)fputs("    ", stdout);
        }
        (void)putchar(output.data[i]);
        progress->at_line_start = output.data[i] == '\n';
    }
    (void)fflush(stdout);
}

void progress_step_waiting(struct progress *progress)
{
    static const char *const frames[] = { "|", "/", "-", "\\" };
    int64_t now_ms = process_now_ms();
    if (!progress->terminal || progress->verbose || now_ms - progress->drawn_ms < FRAME_MS) {
        return;
    }
    progress->drawn_ms = now_ms;
    (void)fputs("\r\033[K", stdout);
    print_heading(progress, progress->index);
    (void)printf("%s ", frames[progress->frame++ % 4]);
    print_seconds(now_ms - progress->begin_ms);
    (void)fflush(stdout);
}

static void print_output(struct bytes output)
{
    if (output.length == 0) {
        (void)puts("    it printed nothing");
        return;
    }
    const uint8_t *start =
        output.data + output.length - 1; /* a final line feed ends no line more */
    int lines = 1;
    while (start > output.data && (start[-1] != '\n' || lines < OUTPUT_LINE_COUNT_MAX)) {
        start -= 1;
        lines += *start == '\n' ? 1 : 0;
    }
    bool cut = start > output.data;
    (void)printf("    its output%s:\n", cut ? " (the last 40 lines)" : "");
    print_lines(
        "      ",
        (struct bytes){ .data = start, .length = (size_t)(output.data + output.length - start) });
}

static void print_failure(const struct progress *progress,
                          const struct step *step,
                          const struct step_record *record)
{
    (void)printf("    at %s:%d\n", progress->runbook->path, step->line);
    if (record->trouble != NULL) {
        (void)printf("    %s\n", record->trouble);
    }
    for (size_t i = 0; record->held != NULL && i < step->expectation_count; i++) {
        if (record->held[i]) {
            continue;
        }
        struct arena arena;
        arena_init(&arena);
        struct buffer text;
        buffer_init(&text, &arena, 128);
        record_append_expectation(&text, &step->expectations[i]);
        (void)printf("    expected %.*s", BYTES_ARGUMENTS(buffer_view(&text)));
        arena_deinit(&arena);
        enum expectation_kind kind = step->expectations[i].kind;
        if (kind == EXPECT_EXIT || kind == EXPECT_EXIT_NONZERO) {
            (void)printf(", got %d", record->exit_code);
        }
        if (kind == EXPECT_UNTIL || step->retry) {
            (void)printf(" within %d s, tried %d times", step->within_s, record->tries);
        }
        (void)putchar('\n');
    }
    if (!progress->verbose) {
        print_output(record->output);
    }
}

static void print_skipped(const struct progress *progress, size_t index, const char *reason)
{
    print_heading(progress, index);
    print_coloured(progress, YELLOW, "skipped");
    (void)printf("%s%s\n", reason[0] != '\0' ? ": " : "", reason);
    (void)fflush(stdout);
}

/* "ok (1.2 s)", and what went wrong; behind the step's name or number. */
static void
print_outcome(const struct progress *progress, size_t index, const struct step_record *record)
{
    bool passed = record->status == STEP_PASSED;
    print_coloured(progress, passed ? GREEN : RED, passed ? "ok" : "FAILED");
    (void)fputs(" (", stdout);
    print_seconds(record->duration_ms);
    (void)puts(")");
    if (!passed) {
        print_failure(progress, &progress->runbook->steps[index], record);
    }
}

void progress_step_end(struct progress *progress, size_t index, const struct step_record *record)
{
    if (record->status == STEP_SKIPPED) {
        print_skipped(progress, index, record->skip_reason);
        return;
    }
    if (progress->verbose) {
        if (!progress->at_line_start) {
            (void)putchar('\n');
        }
        print_number(progress, index);
    } else if (progress->terminal) {
        (void)fputs("\r\033[K", stdout);
        print_heading(progress, index);
    }
    if (record->status == STEP_RUNNING) {
        (void)puts("in the background");
    } else {
        print_outcome(progress, index, record);
    }
    (void)fflush(stdout);
}

void progress_background_end(struct progress *progress,
                             size_t index,
                             const struct step_record *record)
{
    print_heading(progress, index);
    if (record->status == STEP_NOT_RUN) {
        (void)puts(record->trouble);
        (void)fflush(stdout);
        return;
    }
    if (progress->verbose && record->output.length > 0) {
        (void)puts("ended, having printed");
        print_lines("    ", record->output);
        print_number(progress, index);
    }
    print_outcome(progress, index, record);
    (void)fflush(stdout);
}

void progress_end(const struct progress *progress, const struct run_record *record)
{
    struct run_counts counts = record_count(record);
    char line[128];
    (void)snprintf(line, sizeof line, "%zu passed, %zu failed, %zu not run", counts.passed,
                   counts.failed, counts.skipped + counts.not_run);
    print_coloured(progress, counts.failed == 0 ? GREEN : RED, line);
    (void)putchar('\n');
    (void)fflush(stdout);
}
