#include "tools/report/json.h"

#include "tools/record.h"
#include "tools/report/text.h"

#include <stddef.h>

static void
append_expectations(struct buffer *to, const struct step *step, const struct step_record *record)
{
    buffer_append_text(to, "\"expectations\": [");
    for (size_t i = 0; i < step->expectation_count; i++) {
        const struct expectation *expectation = &step->expectations[i];
        struct buffer value;
        buffer_init(&value, to->arena, 32);
        record_append_expected_value(&value, expectation);
        buffer_append_text(to, i == 0 ? "\n        { " : ",\n        { ");
        report_append_json_member(to, "kind", record_expectation_word(expectation->kind));
        buffer_append_text(to, ", \"value\": ");
        report_append_json_string(to, buffer_view(&value));
        const char *held = record->held == NULL ? "null" : record->held[i] ? "true" : "false";
        buffer_append_format(to, ", \"held\": %s }", held);
    }
    buffer_append_text(to, step->expectation_count > 0 ? "\n      ]" : "]");
}

static void
append_captures(struct buffer *to, const struct step *step, const struct step_record *record)
{
    buffer_append_text(to, "\"captured\": {");
    for (size_t i = 0; record->captured != NULL && i < step->capture_count; i++) {
        buffer_append_format(to, "%s \"%s\": ", i == 0 ? "" : ",", step->captures[i].name);
        report_append_json_string(to, record->captured[i]);
    }
    buffer_append_text(to, record->captured != NULL ? " }" : "}");
}

static void
append_step(struct buffer *to, const struct step *step, const struct step_record *record)
{
    buffer_append_text(to, "    {\n      ");
    report_append_json_member(to, "name", step->name);
    buffer_append_format(to, ",\n      \"line\": %d,\n      ", step->line);
    report_append_json_member(to, "command", step->command);
    buffer_append_text(to, ",\n      ");
    report_append_json_member(to, "status", record_status_name(record->status));
    if (record->skip_reason != NULL) {
        buffer_append_text(to, ",\n      ");
        report_append_json_member(to, "skip", record->skip_reason);
    }
    buffer_append_format(to, ",\n      \"background\": %s,\n      ",
                         step->background ? "true" : "false");
    report_append_json_member(to, "snapshot", step->snapshot);
    buffer_append_text(to, ",\n      \"exit\": ");
    if (record->exit_code == EXIT_CODE_NONE) {
        buffer_append_text(to, "null");
    } else {
        buffer_append_format(to, "%d", record->exit_code);
    }
    buffer_append_format(to,
                         ",\n      \"began_ms\": %lld,\n      \"duration_ms\": %lld,\n"
                         "      \"tries\": %d,\n      ",
                         (long long)record->began_ms, (long long)record->duration_ms,
                         record->tries);
    report_append_json_member(to, "trouble", record->trouble);
    buffer_append_text(to, ",\n      \"output\": ");
    report_append_json_string(to, record->output);
    buffer_append_text(to, ",\n      ");
    append_captures(to, step, record);
    buffer_append_text(to, ",\n      ");
    append_expectations(to, step, record);
    buffer_append_text(to, "\n    }");
}

static void append_warnings(struct buffer *to, const struct run_record *record)
{
    buffer_append_text(to, "  \"warnings\": [");
    for (size_t i = 0; i < record->warning_count; i++) {
        const struct warning *warning = &record->warnings[i];
        buffer_append_text(to, i == 0 ? "\n    { " : ",\n    { ");
        report_append_json_member(to, "kind", warning->kind);
        buffer_append_format(to, ", \"expected\": %s, ", warning->expected ? "true" : "false");
        report_append_json_member(to, "text", warning->text);
        buffer_append_text(to, " }");
    }
    buffer_append_text(to, "\n  ],\n  \"lacks\": [");
    for (size_t i = 0; i < record->observed.lack_count; i++) {
        buffer_append_text(to, i == 0 ? "\n    " : ",\n    ");
        report_append_json_string(to, bytes_of_text(record->observed.lacks[i]));
    }
    buffer_append_text(to, "\n  ],\n");
}

static void append_events(struct buffer *to, const struct observed *observed)
{
    buffer_append_text(to, "  \"timeline\": [");
    for (size_t i = 0; i < observed->event_count; i++) {
        const struct observed_event *event = &observed->events[i];
        const struct {
            const char *name;
            const char *text;
        } members[] = {
            { "table", event->table }, { "index", event->index }, { "operation", event->operation },
            { "state", event->state }, { "error", event->error }, { "message", event->message },
        };
        buffer_append_format(to, "%s\n    { \"at_ms\": %lld, ", i == 0 ? "" : ",",
                             (long long)event->at_ms);
        report_append_json_member(to, "kind", event->word);
        for (size_t each = 0; each < sizeof members / sizeof members[0]; each++) {
            if (members[each].text[0] != '\0') {
                buffer_append_text(to, ", ");
                report_append_json_member(to, members[each].name, members[each].text);
            }
        }
        buffer_append_text(to, " }");
    }
    buffer_append_text(to, "\n  ],\n");
}

static void append_uses(struct buffer *to, const struct observed *observed)
{
    buffer_append_text(to, "  \"uses\": [");
    for (size_t i = 0; i < observed->use_count; i++) {
        const struct observed_use *use = &observed->uses[i];
        buffer_append_format(to, "%s\n    { \"from_ms\": %lld, \"to_ms\": %lld, ",
                             i == 0 ? "" : ",", (long long)use->from_ms, (long long)use->to_ms);
        report_append_json_member(to, "table", use->table);
        buffer_append_text(to, ", ");
        report_append_json_member(to, "index", use->index[0] != '\0' ? use->index : NULL);
        buffer_append_format(to, ", \"reads\": %lld, \"writes\": %lld }", (long long)use->reads,
                             (long long)use->writes);
    }
    buffer_append_text(to, "\n  ]\n");
}

void report_append_json(struct buffer *to, const struct run_record *record)
{
    struct run_counts counts = record_count(record);
    buffer_append_text(to, "{\n  ");
    report_append_json_member(to, "runbook", record->runbook->path);
    buffer_append_text(to, ",\n  ");
    report_append_json_member(to, "endpoint", record->endpoint);
    buffer_append_text(to, ",\n  ");
    report_append_json_member(to, "version", record->observed.version);
    buffer_append_text(to, ",\n  ");
    report_append_json_member(to, "profile", record->observed.profile);
    buffer_append_text(to, ",\n  \"started\": \"");
    report_append_time(to, record->started);
    buffer_append_format(to,
                         "\",\n  \"duration_ms\": %lld,\n  \"passed\": %zu,\n  \"failed\": %zu,\n"
                         "  \"skipped\": %zu,\n  \"not_run\": %zu,\n  \"steps\": [\n",
                         (long long)record->duration_ms, counts.passed, counts.failed,
                         counts.skipped, counts.not_run);
    for (size_t i = 0; i < record->runbook->step_count; i++) {
        buffer_append_text(to, i == 0 ? "" : ",\n");
        append_step(to, &record->runbook->steps[i], &record->steps[i]);
    }
    buffer_append_text(to, "\n  ],\n");
    append_warnings(to, record);
    append_events(to, &record->observed);
    append_uses(to, &record->observed);
    buffer_append_text(to, "}\n");
}
