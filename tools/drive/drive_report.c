#include "tools/drive/drive_report.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"

#include <stdio.h>

static const double US_PER_MS = 1000;
static const double MS_PER_SECOND = 1000;
static const double P50 = 0.5;
static const double P99 = 0.99;

static const char *const FINDINGS[FINDING_KINDS] = {
    [FINDING_LOST] = "Lost",
    [FINDING_STALE] = "Stale",
    [FINDING_UNEXPECTED] = "Unexpected",
};

bool drive_report_is_fine(const struct drive *drive)
{
    uint64_t wrong = drive->tally.refused;
    for (size_t i = 0; i < FINDING_KINDS; i++) {
        wrong += drive->tally.found[i];
    }
    return wrong == 0;
}

static double seconds_of(const struct tally *tally)
{
    return (double)(tally->ended_ms - tally->began_ms) / MS_PER_SECOND;
}

static double per_second(const struct tally *tally, uint64_t count)
{
    double seconds = seconds_of(tally);
    return seconds > 0 ? (double)count / seconds : 0;
}

static double latency_ms(const struct request_tally *request, double share)
{
    return (double)histogram_percentile(&request->latency_us, share) / US_PER_MS;
}

static struct bytes
key_of(struct arena *arena, const struct drive *drive, const struct finding *finding)
{
    struct item_identity item = { .run = drive->run, .number = finding->number };
    struct buffer key;
    buffer_init(&key, arena, 128);
    buffer_append_text(&key, "{");
    item_plan_append_key(&key, table_watch_view(drive->watch)->plan, &item);
    buffer_append_text(&key, "}");
    return buffer_view(&key);
}

/* ---- text ---- */

static void print_requests(const struct tally *tally)
{
    (void)printf("%-11s %9s %8s %9s %9s %9s %9s %9s\n", "", "requests", "/s", "refused",
                 "no answer", "p50 ms", "p99 ms", "max ms");
    for (int i = 0; i < REQUEST_KINDS; i++) {
        const struct request_tally *request = &tally->requests[i];
        (void)printf("%-11s %9llu %8.1f %9llu %9llu %9.1f %9.1f %9.1f\n",
                     request_name((enum request_kind)i), (unsigned long long)request->sent,
                     per_second(tally, request->sent), (unsigned long long)request->refused,
                     (unsigned long long)request->unanswered, latency_ms(request, P50),
                     latency_ms(request, P99), (double)request->latency_us.most / US_PER_MS);
    }
}

static void print_refusals(const struct tally *tally)
{
    for (size_t i = 0; i < tally->refusal_count; i++) {
        const struct refusal *refusal = &tally->refusals[i];
        (void)printf("refused%s: %s%s%s, %s, %llu time%s: %s\n",
                     refusal->is_allowed ? " (allowed)" : "", request_name(refusal->kind),
                     refusal->index[0] != '\0' ? " of " : "", refusal->index, refusal->code,
                     (unsigned long long)refusal->count, refusal->count == 1 ? "" : "s",
                     refusal->message);
    }
}

static void print_servings(const struct tally *tally)
{
    for (size_t i = 0; i < tally->serving_count; i++) {
        const struct serving *serving = &tally->servings[i];
        (void)printf("readers used %s from %.1f s to %.1f s: %llu answered, %llu refused\n",
                     serving->index, (double)serving->from_ms / MS_PER_SECOND,
                     (double)serving->to_ms / MS_PER_SECOND, (unsigned long long)serving->answered,
                     (unsigned long long)serving->refused);
    }
    if (tally->servings_dropped > 0) {
        (void)printf("before the last of these, %llu other switches\n",
                     (unsigned long long)tally->servings_dropped);
    }
}

static void print_state(bool is_there, int64_t version)
{
    if (!is_there) {
        (void)fputs("nothing", stdout);
    } else if (version == DRIVE_VERSION_UNKNOWN) {
        (void)fputs("an entry", stdout);
    } else {
        (void)printf("version %lld", (long long)version);
    }
}

static void print_findings(const struct drive *drive)
{
    static const char *const words[FINDING_KINDS] = {
        [FINDING_LOST] = "lost",
        [FINDING_STALE] = "stale",
        [FINDING_UNEXPECTED] = "unexpected",
    };
    const struct tally *tally = &drive->tally;
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < tally->finding_count; i++) {
        const struct finding *finding = &tally->findings[i];
        (void)printf("%s at %.1f s: %.*s: %s has ", words[finding->kind],
                     (double)finding->at_ms / MS_PER_SECOND,
                     BYTES_ARGUMENTS(key_of(&arena, drive, finding)),
                     finding->index[0] != '\0' ? finding->index : "the table");
        print_state(finding->seen_is_there, finding->seen_version);
        if (finding->kind != FINDING_UNEXPECTED) {
            (void)printf(", not version %lld%s, acknowledged %lld ms before",
                         (long long)finding->version, finding->is_deleted ? " (a deletion)" : "",
                         (long long)finding->age_ms);
        }
        (void)putchar('\n');
    }
    arena_deinit(&arena);
}

static void print_verification(const struct drive *drive, const struct verification *verification)
{
    (void)printf("verified at the end: %llu items, %llu entries",
                 (unsigned long long)verification->items,
                 (unsigned long long)verification->entries);
    if (verification->failed > 0) {
        (void)printf("; %llu could not be read", (unsigned long long)verification->failed);
    }
    if (verification->removed + verification->left > 0) {
        (void)printf("; %llu items removed", (unsigned long long)verification->removed);
    }
    if (verification->left > 0) {
        (void)printf(", %llu left (their " DRIVE_RUN_ATTRIBUTE " is %012lld)",
                     (unsigned long long)verification->left, (long long)drive->run);
    }
    (void)putchar('\n');
    if (verification->reason[0] != '\0') {
        (void)printf("  the first that failed: %s\n", verification->reason);
    }
}

void drive_report_print_text(const struct drive *drive, const struct verification *verification)
{
    const struct tally *tally = &drive->tally;
    const struct histogram *behind = &tally->behind_ms;
    (void)printf("%.1f s on table %s\n", seconds_of(tally), drive->table);
    print_requests(tally);
    print_servings(tally);
    print_refusals(tally);
    if (behind->count > 0) {
        (void)printf("%llu read%s of an index behind the table: by %lld ms (p50), %lld ms (p99), "
                     "%lld ms at most\n",
                     (unsigned long long)behind->count, behind->count == 1 ? "" : "s",
                     (long long)histogram_percentile(behind, P50),
                     (long long)histogram_percentile(behind, P99), (long long)behind->most);
    }
    print_findings(drive);
    print_verification(drive, verification);
    (void)printf(
        "%s: %llu lost, %llu stale (by more than %lld ms), %llu unexpected, %llu refused\n",
        drive_report_is_fine(drive) ? "fine" : "NOT FINE",
        (unsigned long long)tally->found[FINDING_LOST],
        (unsigned long long)tally->found[FINDING_STALE], (long long)drive->max_lag_ms,
        (unsigned long long)tally->found[FINDING_UNEXPECTED], (unsigned long long)tally->refused);
}

/* ---- JSON ---- */

static void append_requests(struct buffer *to, const struct tally *tally)
{
    buffer_append_text(to, ",\n\"Requests\":{");
    for (int i = 0; i < REQUEST_KINDS; i++) {
        const struct request_tally *request = &tally->requests[i];
        buffer_append_format(
            to, "%s\"%s\":{\"Count\":%llu,\"PerSecond\":%.3f,\"Refused\":%llu,\"NoAnswer\":%llu",
            i > 0 ? ",\n" : "", request_name((enum request_kind)i),
            (unsigned long long)request->sent, per_second(tally, request->sent),
            (unsigned long long)request->refused, (unsigned long long)request->unanswered);
        buffer_append_format(to, ",\"LatencyMs\":{\"P50\":%.3f,\"P99\":%.3f,\"Max\":%.3f}}",
                             latency_ms(request, P50), latency_ms(request, P99),
                             (double)request->latency_us.most / US_PER_MS);
    }
    buffer_append_text(to, "}");
}

static void append_index(struct buffer *to, const char *index)
{
    if (index[0] != '\0') {
        buffer_append_text(to, ",\"IndexName\":");
        json_append_text(to, index);
    }
}

static void append_refusals(struct buffer *to, const struct tally *tally)
{
    buffer_append_format(to, ",\n\"Refused\":%llu,\"Refusals\":[",
                         (unsigned long long)tally->refused);
    for (size_t i = 0; i < tally->refusal_count; i++) {
        const struct refusal *refusal = &tally->refusals[i];
        buffer_append_format(to, "%s{\"Operation\":\"%s\"", i > 0 ? ",\n" : "",
                             request_name(refusal->kind));
        append_index(to, refusal->index);
        buffer_append_text(to, ",\"Code\":");
        json_append_text(to, refusal->code);
        buffer_append_format(to, ",\"Count\":%llu,\"Allowed\":%s,\"FirstMessage\":",
                             (unsigned long long)refusal->count,
                             refusal->is_allowed ? "true" : "false");
        json_append_text(to, refusal->message);
        buffer_append_text(to, "}");
    }
    buffer_append_text(to, "]");
}

static void append_servings(struct buffer *to, const struct tally *tally)
{
    buffer_append_text(to, ",\n\"ReadIndexes\":[");
    for (size_t i = 0; i < tally->serving_count; i++) {
        const struct serving *serving = &tally->servings[i];
        buffer_append_text(to, i > 0 ? ",\n{\"IndexName\":" : "{\"IndexName\":");
        json_append_text(to, serving->index);
        buffer_append_format(
            to, ",\"FromSeconds\":%.3f,\"ToSeconds\":%.3f,\"Answered\":%llu,\"Refused\":%llu}",
            (double)serving->from_ms / MS_PER_SECOND, (double)serving->to_ms / MS_PER_SECOND,
            (unsigned long long)serving->answered, (unsigned long long)serving->refused);
    }
    buffer_append_format(to, "],\"SwitchesLeftOut\":%llu",
                         (unsigned long long)tally->servings_dropped);
}

/* {"IsThere":true,"Version":7}; without the version where it is not known. */
static void append_state(struct buffer *to, const char *name, bool is_there, int64_t version)
{
    buffer_append_format(to, ",\"%s\":{\"IsThere\":%s", name, is_there ? "true" : "false");
    if (version > 0) {
        buffer_append_format(to, ",\"Version\":%lld", (long long)version);
    }
    buffer_append_text(to, "}");
}

static void append_findings(struct buffer *to, struct arena *arena, const struct drive *drive)
{
    const struct tally *tally = &drive->tally;
    buffer_append_text(to, ",\n\"Findings\":[");
    for (size_t i = 0; i < tally->finding_count; i++) {
        const struct finding *finding = &tally->findings[i];
        buffer_append_format(to, "%s{\"Kind\":\"%s\",\"AtSeconds\":%.3f", i > 0 ? ",\n" : "",
                             FINDINGS[finding->kind], (double)finding->at_ms / MS_PER_SECOND);
        append_index(to, finding->index);
        buffer_append_text(to, ",\"Key\":");
        buffer_append_bytes(to, key_of(arena, drive, finding));
        append_state(to, "Seen", finding->seen_is_there, finding->seen_version);
        if (finding->kind != FINDING_UNEXPECTED) {
            append_state(to, "Missed", !finding->is_deleted, finding->version);
            buffer_append_format(to, ",\"AgeMs\":%lld", (long long)finding->age_ms);
        }
        buffer_append_text(to, "}");
    }
    buffer_append_text(to, "]");
}

void drive_report_print_json(const struct drive *drive, const struct verification *verification)
{
    const struct tally *tally = &drive->tally;
    const struct histogram *behind = &tally->behind_ms;
    struct arena arena;
    struct buffer text;
    arena_init(&arena);
    buffer_init(&text, &arena, 4096);
    buffer_append_text(&text, "{\"TableName\":");
    json_append_text(&text, drive->table);
    buffer_append_format(&text, ",\"Fine\":%s,\"Seconds\":%.3f,\"MaxLagMs\":%lld",
                         drive_report_is_fine(drive) ? "true" : "false", seconds_of(tally),
                         (long long)drive->max_lag_ms);
    for (size_t i = 0; i < FINDING_KINDS; i++) {
        buffer_append_format(&text, ",\"%s\":%llu", FINDINGS[i],
                             (unsigned long long)tally->found[i]);
    }
    append_refusals(&text, tally);
    append_requests(&text, tally);
    append_servings(&text, tally);
    buffer_append_format(&text,
                         ",\n\"Behind\":{\"Count\":%llu,\"P50Ms\":%lld,\"P99Ms\":%lld,"
                         "\"MaxMs\":%lld}",
                         (unsigned long long)behind->count,
                         (long long)histogram_percentile(behind, P50),
                         (long long)histogram_percentile(behind, P99), (long long)behind->most);
    append_findings(&text, &arena, drive);
    buffer_append_format(
        &text,
        ",\n\"Verified\":{\"Items\":%llu,\"Entries\":%llu,\"Failed\":%llu},"
        "\"ItemsRemoved\":%llu,\"ItemsLeft\":%llu,\"Run\":\"%012lld\"}",
        (unsigned long long)verification->items, (unsigned long long)verification->entries,
        (unsigned long long)verification->failed, (unsigned long long)verification->removed,
        (unsigned long long)verification->left, (long long)drive->run);
    (void)printf("%.*s\n", BYTES_ARGUMENTS(buffer_view(&text)));
    arena_deinit(&arena);
}
