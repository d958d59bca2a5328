#include "tools/report/junit.h"

#include "tools/record.h"
#include "tools/report/text.h"

#include <stddef.h>

static void append_attribute(struct buffer *to, const char *name, const char *value)
{
    buffer_append_format(to, " %s=\"", name);
    report_append_xml_text(to, bytes_of_text(value));
    buffer_append_u8(to, '"');
}

static void append_duration(struct buffer *to, int64_t duration_ms)
{
    buffer_append_text(to, " time=\"");
    report_append_seconds(to, duration_ms);
    buffer_append_u8(to, '"');
}

static void append_case(struct buffer *to,
                        const struct step *step,
                        const struct step_record *record,
                        const char *runbook)
{
    buffer_append_text(to, "    <testcase");
    append_attribute(to, "classname", runbook);
    append_attribute(to, "name", step->name);
    append_duration(to, record->duration_ms);
    buffer_append_text(to, ">\n");
    if (record->status == STEP_FAILED) {
        buffer_append_text(to, "      <failure");
        append_attribute(to, "message", record_describe_failure(to->arena, step, record));
        buffer_append_format(to, ">line %d\n", step->line);
        report_append_xml_text(to, bytes_of_text(step->command));
        buffer_append_text(to, "</failure>\n");
    } else if (record->status != STEP_PASSED) {
        const char *why = record->status == STEP_SKIPPED ? record->skip_reason : "not run";
        buffer_append_text(to, "      <skipped");
        append_attribute(to, "message", why);
        buffer_append_text(to, "/>\n");
    }
    if (record->output.length > 0) {
        buffer_append_text(to, "      <system-out>");
        report_append_xml_text(to, record->output);
        buffer_append_text(to, "</system-out>\n");
    }
    buffer_append_text(to, "    </testcase>\n");
}

void report_append_junit(struct buffer *to, const struct run_record *record)
{
    const struct runbook *runbook = record->runbook;
    struct run_counts counts = record_count(record);
    int64_t duration_ms = 0;
    for (size_t i = 0; i < runbook->step_count; i++) {
        duration_ms += record->steps[i].duration_ms;
    }
    buffer_append_text(to,
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
    append_attribute(to, "name", runbook->path);
    buffer_append_format(to, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"",
                         runbook->step_count, counts.failed, counts.skipped + counts.not_run);
    append_duration(to, duration_ms);
    buffer_append_text(to, " timestamp=\"");
    report_append_time(to, record->started);
    buffer_append_text(to, "\">\n");
    for (size_t i = 0; i < runbook->step_count; i++) {
        append_case(to, &runbook->steps[i], &record->steps[i], runbook->path);
    }
    buffer_append_text(to, "  </testsuite>\n</testsuites>\n");
}
