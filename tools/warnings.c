#include "tools/warnings.h"

#include "storage/base/arena.h"
#include "tools/list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char TOO_EARLY[] = "Cannot read from backfilling global secondary index";
static const char NO_INDEX[] = "The table does not have the specified index";

struct finder {
    struct arena *arena;
    const struct run_record *record;
    struct list warnings;
};

static void warn(struct finder *finder, const char *kind, bool expected, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void warn(struct finder *finder, const char *kind, bool expected, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct warning *warning = list_append(finder->arena, &finder->warnings, sizeof *warning);
    *warning = (struct warning){
        .kind = kind,
        .text = bytes_to_text(finder->arena, bytes_of_text(text)),
        .expected = expected,
    };
}

/* The step that ran at the moment, the background apart; NULL: none. */
static const struct step *step_at(const struct run_record *record, int64_t at_ms, bool *out_passed)
{
    const struct step *found = NULL;
    for (size_t i = 0; i < record->runbook->step_count; i++) {
        const struct step_record *step = &record->steps[i];
        bool ran = step->tries > 0 && !record->runbook->steps[i].background;
        if (ran && step->began_ms <= at_ms && at_ms <= step->began_ms + step->duration_ms) {
            found = &record->runbook->steps[i];
            *out_passed = step->status == STEP_PASSED;
        }
    }
    return found;
}

static bool counts_on_failure(const struct step *step)
{
    for (size_t i = 0; i < step->expectation_count; i++) {
        const struct expectation *expectation = &step->expectations[i];
        if (expectation->kind == EXPECT_EXIT_NONZERO ||
            (expectation->kind == EXPECT_EXIT && expectation->exit != 0)) {
            return true;
        }
    }
    return false;
}

/* Refusals of one kind about one index. */
struct refusals {
    size_t count;
    bool expected;    /* all of them */
    const char *step; /* the name of the first one's, or "no step" */
};

static bool is_refusal_of(const struct observed_event *event, const char *message)
{
    return event->kind == OBSERVED_REFUSAL && !event->is_before_run &&
           strstr(event->message, message) != NULL;
}

/* "…: INDEX" at the end of the message, unless the event names the index. */
static const char *index_of(const struct observed_event *event)
{
    const char *colon = strrchr(event->message, ':');
    return event->index[0] != '\0' || colon == NULL ? event->index
                                                    : colon + 1 + strspn(colon + 1, " ");
}

static bool is_same(const struct observed_event *left, const struct observed_event *right)
{
    return strcmp(left->table, right->table) == 0 && strcmp(index_of(left), index_of(right)) == 0;
}

/* Those like events[first]; a count of 0 when an earlier one is like it, too. */
static struct refusals
collect_refusals(const struct run_record *record, size_t first, const char *message)
{
    const struct observed *observed = &record->observed;
    struct refusals refusals = { .expected = true, .step = "no step" };
    for (size_t i = 0; i < observed->event_count; i++) {
        const struct observed_event *event = &observed->events[i];
        bool passed = false;
        if (!is_refusal_of(event, message) || !is_same(event, &observed->events[first])) {
            continue;
        }
        if (i < first) {
            refusals.count = 0;
            break;
        }
        const struct step *step = step_at(record, event->at_ms, &passed);
        if (refusals.count == 0 && step != NULL) {
            refusals.step = step->name;
        }
        refusals.count += 1;
        refusals.expected = refusals.expected && step != NULL && passed && counts_on_failure(step);
    }
    return refusals;
}

static void find_early_reads(struct finder *finder)
{
    const struct observed *observed = &finder->record->observed;
    for (size_t i = 0; i < observed->event_count; i++) {
        const struct observed_event *event = &observed->events[i];
        if (!is_refusal_of(event, TOO_EARLY)) {
            continue;
        }
        struct refusals refusals = collect_refusals(finder->record, i, TOO_EARLY);
        if (refusals.count > 0) {
            warn(finder, "Read too early", refusals.expected,
                 "%s was asked for before it was ACTIVE and refused, %zu time%s, first in the step "
                 "\"%s\"%s",
                 index_of(event), refusals.count, refusals.count == 1 ? "" : "s", refusals.step,
                 refusals.expected ? ", which counts on it" : "");
        }
    }
}

/* When the index began to go; false: it did not. */
static bool find_deletion(const struct observed *observed,
                          const char *table,
                          const char *index,
                          int64_t *out_at_ms)
{
    for (size_t i = 0; i < observed->event_count; i++) {
        const struct observed_event *event = &observed->events[i];
        bool goes = strcmp(event->state, "DELETING") == 0 || event->state[0] == '\0';
        if (event->kind == OBSERVED_STATE && !event->is_before_run && goes &&
            strcmp(event->table, table) == 0 && strcmp(event->index, index) == 0) {
            *out_at_ms = event->at_ms;
            return true;
        }
    }
    return false;
}

/* An index that is asked for although it is gone. */
static void find_late_refusals(struct finder *finder)
{
    const struct observed *observed = &finder->record->observed;
    for (size_t i = 0; i < observed->event_count; i++) {
        const struct observed_event *event = &observed->events[i];
        int64_t gone_ms = 0;
        if (!is_refusal_of(event, NO_INDEX) ||
            !find_deletion(observed, event->table, index_of(event), &gone_ms)) {
            continue;
        }
        struct refusals refusals = collect_refusals(finder->record, i, NO_INDEX);
        if (refusals.count > 0) {
            warn(finder, "Read after its deletion", refusals.expected,
                 "%s was still asked for and refused, %zu time%s, first in the step \"%s\"%s",
                 index_of(event), refusals.count, refusals.count == 1 ? "" : "s", refusals.step,
                 refusals.expected ? ", which counts on it" : "");
        }
    }
}

static bool is_named_before(const struct observed *observed, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(observed->uses[i].table, observed->uses[at].table) == 0 &&
            strcmp(observed->uses[i].index, observed->uses[at].index) == 0) {
            return true;
        }
    }
    return false;
}

/* An index that was in use when it was deleted. */
static void find_late_reads(struct finder *finder)
{
    const struct observed *observed = &finder->record->observed;
    for (size_t i = 0; i < observed->use_count; i++) {
        const struct observed_use *index = &observed->uses[i];
        int64_t gone_ms = 0;
        int64_t reads = 0;
        if (index->index[0] == '\0' || is_named_before(observed, i) ||
            !find_deletion(observed, index->table, index->index, &gone_ms)) {
            continue;
        }
        for (size_t each = i; each < observed->use_count; each++) {
            const struct observed_use *use = &observed->uses[each];
            if (use->to_ms >= gone_ms && strcmp(use->table, index->table) == 0 &&
                strcmp(use->index, index->index) == 0) {
                reads += use->reads;
            }
        }
        if (reads > 0) {
            warn(finder, "Read while it was deleted", false,
                 "%s was read %lld time%s in the second before its deletion began or later: "
                 "somebody still uses it",
                 index->index, (long long)reads, reads == 1 ? "" : "s");
        }
    }
}

static void find_skipped_items(struct finder *finder)
{
    const struct observed *observed = &finder->record->observed;
    for (size_t i = 0; i < observed->skip_count; i++) {
        const struct observed_skip *skip = &observed->skips[i];
        bool is_mended = skip->last_count == 0;
        int64_t count = is_mended ? skip->most_count : skip->last_count;
        warn(finder, "Items left out", is_mended,
             "%lld item%s of %s %s in %s: a key attribute of the index %s missing or of another "
             "type%s",
             (long long)count, count == 1 ? "" : "s", skip->table,
             is_mended ? "could not be" : "cannot be", skip->index, is_mended ? "was" : "is",
             is_mended ? "; in the end none was left out" : "");
    }
}

static void find_aws_steps(struct finder *finder)
{
    const struct run_record *record = finder->record;
    size_t count = 0;
    const char *first = "";
    for (size_t i = 0; i < record->runbook->step_count; i++) {
        if (record->runbook->steps[i].place == PLACE_AWS &&
            record->steps[i].status == STEP_SKIPPED) {
            first = count == 0 ? record->runbook->steps[i].name : first;
            count += 1;
        }
    }
    if (count > 0) {
        warn(finder, "Not rehearsed", false, "%zu step%s only for AWS %s not run, first \"%s\"",
             count, count == 1 ? "" : "s", count == 1 ? "was" : "were", first);
    }
}

void warnings_find(struct arena *arena, struct run_record *record)
{
    struct finder finder = { .arena = arena, .record = record };
    find_early_reads(&finder);
    find_late_refusals(&finder);
    find_late_reads(&finder);
    find_skipped_items(&finder);
    find_aws_steps(&finder);
    record->warnings = finder.warnings.elements;
    record->warning_count = finder.warnings.count;
}
