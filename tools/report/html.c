#include "tools/report/html.h"

#include "tools/record.h"
#include "tools/report/picture.h"
#include "tools/report/style.h"
#include "tools/report/text.h"

#include <stddef.h>
#include <string.h>

enum {
    OUTPUT_SIZE_SHOWN = 128 * 1024, /* of a step; all of it is in report.json */
    EVENT_COUNT_SHOWN = 2000,
};

static void append_text(struct buffer *to, const char *text)
{
    report_append_xml_text(to, bytes_of_text(text));
}

/* <time>1.234 s</time>: what differs between two runs is marked so, wherever it stands. */
static void append_duration(struct buffer *to, int64_t duration_ms)
{
    buffer_append_text(to, "<time>");
    report_append_seconds(to, duration_ms);
    buffer_append_text(to, " s</time>");
}

/* ---- the head ---- */

static const char *title_of(const struct run_record *record)
{
    const char *slash = strrchr(record->runbook->path, '/');
    return slash != NULL ? slash + 1 : record->runbook->path;
}

static void append_head(struct buffer *to, const struct run_record *record)
{
    buffer_append_text(to,
                       "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                       "style-src 'unsafe-inline'\">\n<title>");
    buffer_append_text(to, record_count(record).failed > 0 ? "Failed: " : "Passed: ");
    append_text(to, title_of(record));
    buffer_append_text(to, "</title>\n<style>\n");
    for (const char *const *piece = REPORT_STYLE; *piece != NULL; piece++) {
        buffer_append_text(to, *piece);
    }
    buffer_append_text(to, "</style>\n</head>\n<body>\n<main>\n");
}

static void append_fact(struct buffer *to, const char *name, const char *value)
{
    if (value[0] != '\0') {
        buffer_append_format(to, "<div><dt>%s</dt><dd>", name);
        append_text(to, value);
        buffer_append_text(to, "</dd></div>\n");
    }
}

static void append_share(struct buffer *to, const char *class, size_t count)
{
    if (count > 0) {
        buffer_append_format(to, "<span class=\"%s\" style=\"flex:%zu\"></span>", class, count);
    }
}

/* "12 of 14 steps held. 1 failed, 1 was not run." */
static void append_counts(struct buffer *to, const struct run_record *record)
{
    struct run_counts counts = record_count(record);
    size_t others = counts.skipped + counts.not_run;
    buffer_append_format(to, "%zu of %zu steps held", counts.passed, record->runbook->step_count);
    if (counts.failed > 0) {
        buffer_append_format(to, ", %zu failed", counts.failed);
    }
    if (others > 0) {
        buffer_append_format(to, ", %zu not run", others);
    }
}

/* What failed, in a line each that leads to the step. */
static void append_failures(struct buffer *to, const struct run_record *record)
{
    for (size_t i = 0; i < record->runbook->step_count; i++) {
        if (record->steps[i].status == STEP_FAILED) {
            buffer_append_format(to, "<p class=\"failure\"><a href=\"#step-%zu\">", i + 1);
            append_text(to, record->runbook->steps[i].name);
            buffer_append_text(to, "</a>: ");
            append_text(to, record_describe_failure(to->arena, &record->runbook->steps[i],
                                                    &record->steps[i]));
            buffer_append_text(to, "</p>\n");
        }
    }
}

static void append_summary(struct buffer *to, const struct run_record *record)
{
    struct run_counts counts = record_count(record);
    bool passed = counts.failed == 0;
    buffer_append_text(to, "<header>\n<h1>");
    append_text(to, title_of(record));
    buffer_append_format(to, "</h1>\n<p class=\"lead\"><span class=\"verdict %s\">%s</span> ",
                         passed ? "passed" : "failed", passed ? "Passed" : "Failed");
    append_counts(to, record);
    buffer_append_text(to, ", in ");
    append_duration(to, record->duration_ms);
    buffer_append_text(to, ".</p>\n<div class=\"bar\" aria-hidden=\"true\">");
    append_share(to, "passed", counts.passed);
    append_share(to, "failed", counts.failed);
    append_share(to, "skipped", counts.skipped);
    append_share(to, "not-run", counts.not_run);
    buffer_append_text(to, "</div>\n");
    append_failures(to, record);
    buffer_append_text(to, "<dl class=\"facts\">\n");
    append_fact(to, "Runbook", record->runbook->path);
    append_fact(to, "Against", strcmp(record->endpoint, "aws") == 0 ? "AWS" : record->endpoint);
    append_fact(to, "Time profile", record->observed.profile);
    append_fact(to, "rehearsedb", record->observed.version);
    buffer_append_text(to, "<div><dt>Started</dt><dd><time>");
    report_append_time(to, record->started);
    buffer_append_text(to, "</time></dd></div>\n</dl>\n</header>\n");
}

/* ---- warnings ---- */

static void append_warning(struct buffer *to, const char *class, const char *kind, const char *text)
{
    buffer_append_format(to, "<li class=\"%s\"><b>", class);
    append_text(to, kind);
    buffer_append_text(to, ".</b> ");
    append_text(to, text);
    buffer_append_text(to, "</li>\n");
}

static void append_warnings(struct buffer *to, const struct run_record *record)
{
    const struct observed *observed = &record->observed;
    if (record->warning_count == 0 && observed->lack_count == 0) {
        return;
    }
    buffer_append_text(to, "<section>\n<h2>What to know</h2>\n<ul class=\"warnings\">\n");
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < record->warning_count; i++) {
            const struct warning *warning = &record->warnings[i];
            if (warning->expected == (pass == 1)) {
                append_warning(to, warning->expected ? "expected" : "warning", warning->kind,
                               warning->text);
            }
        }
    }
    for (size_t i = 0; i < observed->lack_count; i++) {
        append_warning(to, "lack", "This report lacks", observed->lacks[i]);
    }
    buffer_append_text(to, "</ul>\n</section>\n");
}

/* ---- the picture ---- */

static void append_key(struct buffer *to, const char *class, const char *name)
{
    buffer_append_format(to, "<span><span class=\"key %s\"></span>%s</span>", class, name);
}

static void append_timeline(struct buffer *to, const struct run_record *record)
{
    buffer_append_text(to, "<section>\n<h2>Over time</h2>\n<figure>\n");
    picture_append(to, record);
    buffer_append_text(to, "<figcaption>");
    if (record->observed.event_count > 0) {
        buffer_append_text(to, "<div class=\"keys\">");
        append_key(to, "creating", "being created");
        append_key(to, "filling", "backfilling");
        append_key(to, "active", "active");
        append_key(to, "updating", "updating");
        append_key(to, "deleting", "being deleted");
        append_key(to, "refusal", "refused");
        append_key(to, "fault", "made to fail");
        buffer_append_text(to, "</div>");
    }
    buffer_append_text(to, "</figcaption>\n</figure>\n</section>\n");
}

/* ---- the steps ---- */

static const char *class_of(enum step_status status)
{
    return status == STEP_NOT_RUN ? "not-run" : record_status_name(status);
}

static const char *sign_of(enum step_status status)
{
    return status == STEP_PASSED   ? "\xE2\x9C\x93"
           : status == STEP_FAILED ? "\xE2\x9C\x97"
                                   : "\xE2\x80\x93";
}

static void append_tag(struct buffer *to, const char *text, const char *value)
{
    buffer_append_text(to, "<span class=\"tag\">");
    append_text(to, text);
    append_text(to, value);
    buffer_append_text(to, "</span>");
}

static void append_step_line(struct buffer *to, const struct run_record *record, size_t index)
{
    const struct step *step = &record->runbook->steps[index];
    const struct step_record *step_record = &record->steps[index];
    buffer_append_format(to,
                         "<summary><span class=\"sign\" title=\"%s\">%s</span>"
                         "<span class=\"number\">%zu</span><span class=\"name\">",
                         record_status_name(step_record->status), sign_of(step_record->status),
                         index + 1);
    append_text(to, step->name);
    if (step_record->status == STEP_SKIPPED) {
        append_tag(to, step_record->skip_reason[0] != '\0' ? "skipped: " : "skipped",
                   step_record->skip_reason);
    } else if (step_record->status == STEP_NOT_RUN) {
        append_tag(to, "not run", "");
    }
    if (step->background) {
        append_tag(to, "in the background", "");
    }
    if (step->snapshot != NULL) {
        append_tag(to, "snapshot ", step->snapshot);
    }
    buffer_append_text(to, "</span>");
    if (step_record->tries > 0) {
        append_duration(to, step_record->duration_ms);
    }
    buffer_append_text(to, "</summary>\n");
}

static void
append_expectations(struct buffer *to, const struct step *step, const struct step_record *record)
{
    buffer_append_text(to, "<ul class=\"expected\">");
    for (size_t i = 0; i < step->expectation_count; i++) {
        struct buffer text;
        buffer_init(&text, to->arena, 64);
        record_append_expectation(&text, &step->expectations[i]);
        const char *class = record->held == NULL ? "unknown" : record->held[i] ? "held" : "missed";
        buffer_append_format(to, "<li class=\"%s\"><code>", class);
        report_append_xml_text(to, buffer_view(&text));
        buffer_append_text(to, "</code></li>\n");
    }
    for (size_t i = 0; record->captured != NULL && i < step->capture_count; i++) {
        buffer_append_format(to, "<li class=\"held\"><code>%s=", step->captures[i].name);
        report_append_xml_text(to, record->captured[i]);
        buffer_append_text(to, "</code></li>\n");
    }
    buffer_append_text(to, "</ul>\n");
}

static void append_output(struct buffer *to, const struct step_record *record)
{
    struct bytes output = record->output;
    bool is_cut = output.length > OUTPUT_SIZE_SHOWN;
    if (is_cut) {
        output.data += output.length - OUTPUT_SIZE_SHOWN;
        output.length = OUTPUT_SIZE_SHOWN;
    }
    buffer_append_format(to, "<h3>Output%s</h3>\n<pre>",
                         is_cut ? ", its end: all of it is in report.json" : "");
    report_append_xml_text(to, output);
    buffer_append_text(to, "</pre>\n");
}

static void append_step(struct buffer *to, const struct run_record *record, size_t index)
{
    const struct step *step = &record->runbook->steps[index];
    const struct step_record *step_record = &record->steps[index];
    buffer_append_format(to, "<details class=\"step %s\" id=\"step-%zu\"%s>\n",
                         class_of(step_record->status), index + 1,
                         step_record->status == STEP_FAILED ? " open" : "");
    append_step_line(to, record, index);
    buffer_append_text(to, "<div class=\"body\">\n");
    if (step_record->trouble != NULL) {
        buffer_append_text(to, "<p class=\"trouble\">");
        append_text(to, step_record->trouble);
        buffer_append_text(to, "</p>\n");
    }
    buffer_append_format(to, "<h3>Line %d</h3>\n<pre>", step->line);
    append_text(to, step->command);
    buffer_append_text(to, "</pre>\n");
    if (step_record->output.length > 0) {
        append_output(to, step_record);
    }
    if (step_record->exit_code != EXIT_CODE_NONE) {
        buffer_append_format(to, "<h3>Exit status %d%s", step_record->exit_code,
                             step_record->tries > 1 ? ", after <time>" : "");
        if (step_record->tries > 1) {
            buffer_append_format(to, "%d tries</time>", step_record->tries);
        }
        buffer_append_text(to, "</h3>\n");
    }
    append_expectations(to, step, step_record);
    buffer_append_text(to, "</div>\n</details>\n");
}

/* ---- the events ---- */

static void append_event(struct buffer *to, const struct observed_event *event)
{
    buffer_append_text(to, "<tr><td>");
    append_duration(to, event->at_ms);
    const char *cells[] = { event->word, event->table, event->index };
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        buffer_append_text(to, "</td><td>");
        append_text(to, cells[i]);
    }
    buffer_append_text(to, "</td><td>");
    const char *words[] = { event->operation, event->state, event->error, event->message };
    const char *before = "";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words[i][0] != '\0') {
            buffer_append_text(to, before);
            append_text(to, words[i]);
            before = ": ";
        }
    }
    if (event->kind == OBSERVED_STATE && event->state[0] == '\0') {
        buffer_append_text(to, "gone");
    }
    buffer_append_text(to, "</td></tr>\n");
}

static void append_events(struct buffer *to, const struct observed *observed)
{
    if (observed->event_count == 0) {
        return;
    }
    buffer_append_text(to, "<section>\n<h2>Events</h2>\n<details class=\"more\"><summary>What the "
                           "server did and refused, in order</summary>\n<div class=\"scroll\">"
                           "<table>\n<thead><tr><th>Time</th><th>Kind</th><th>Table</th>"
                           "<th>Index</th><th>What</th></tr></thead>\n<tbody>\n");
    size_t count = observed->event_count;
    count = count < EVENT_COUNT_SHOWN ? count : EVENT_COUNT_SHOWN;
    for (size_t i = 0; i < count; i++) {
        append_event(to, &observed->events[i]);
    }
    buffer_append_text(to, "</tbody></table></div>\n");
    if (count < observed->event_count) {
        buffer_append_format(to,
                             "<p class=\"note\">The first %d; all of them are in "
                             "report.json.</p>\n",
                             EVENT_COUNT_SHOWN);
    }
    buffer_append_text(to, "</details>\n</section>\n");
}

void report_append_html(struct buffer *to, const struct run_record *record)
{
    append_head(to, record);
    append_summary(to, record);
    append_timeline(to, record);
    append_warnings(to, record);
    buffer_append_text(to, "<section>\n<h2>Steps</h2>\n");
    for (size_t i = 0; i < record->runbook->step_count; i++) {
        append_step(to, record, i);
    }
    buffer_append_text(to, "</section>\n");
    append_events(to, &record->observed);
    buffer_append_text(to, "<footer>Written by <code>rehearse run</code>. The same for programs: "
                           "<code>report.json</code>, <code>junit.xml</code>.</footer>\n"
                           "</main>\n</body>\n</html>\n");
}
