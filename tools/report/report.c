#include "tools/report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char REPLACEMENT[] = "\xEF\xBF\xBD"; /* U+FFFD */

enum {
    MS_PER_SECOND = 1000,
    REPORT_SIZE_GUESS = 64 * 1024,
};

/*
 * Takes one character and returns its bytes; empty when they are not UTF-8 (too long a form,
 * a surrogate, past U+10FFFF, cut short), in which case one byte is taken. `out_point` is its
 * number.
 */
static struct bytes take_character(struct reader *reader, uint32_t *out_point)
{
    static const struct {
        uint8_t mask;
        uint8_t lead;
        uint32_t point_min;
    } forms[] = {
        { 0x80, 0x00, 0 }, { 0xE0, 0xC0, 0x80 }, { 0xF0, 0xE0, 0x800 }, { 0xF8, 0xF0, 0x10000 }
    };
    const uint8_t *start = reader->next;
    size_t left = reader_left(reader);
    reader->next += 1;
    struct bytes nothing = { .data = start, .length = 0 };
    for (size_t size = 1; size <= 4; size++) {
        if ((start[0] & forms[size - 1].mask) != forms[size - 1].lead) {
            continue;
        }
        if (size > left) {
            return nothing;
        }
        uint32_t point = start[0] & (uint8_t)~forms[size - 1].mask;
        for (size_t i = 1; i < size; i++) {
            if ((start[i] & 0xC0) != 0x80) {
                return nothing;
            }
            point = point << 6 | (start[i] & 0x3F);
        }
        if (point < forms[size - 1].point_min || point > 0x10FFFF ||
            (point >= 0xD800 && point <= 0xDFFF)) {
            return nothing;
        }
        reader->next = start + size;
        *out_point = point;
        return (struct bytes){ .data = start, .length = size };
    }
    return nothing;
}

void report_append_json_string(struct buffer *to, struct bytes text)
{
    struct reader reader = reader_of(text);
    buffer_append_u8(to, '"');
    while (reader_left(&reader) > 0) {
        uint32_t point = 0;
        struct bytes character = take_character(&reader, &point);
        if (character.length == 0) {
            buffer_append_text(to, REPLACEMENT);
        } else if (point == '"' || point == '\\') {
            buffer_append_u8(to, '\\');
            buffer_append_bytes(to, character);
        } else if (point == '\n') {
            buffer_append_text(to, "\\n");
        } else if (point < 0x20) {
            buffer_append_format(to, "\\u%04x", (unsigned)point);
        } else {
            buffer_append_bytes(to, character);
        }
    }
    buffer_append_u8(to, '"');
}

/* Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]   (XML 1.0) */
static bool is_xml_character(uint32_t point)
{
    return point >= 0x20 ? point != 0xFFFE && point != 0xFFFF
                         : point == '\t' || point == '\n' || point == '\r';
}

void report_append_xml_text(struct buffer *to, struct bytes text)
{
    struct reader reader = reader_of(text);
    while (reader_left(&reader) > 0) {
        uint32_t point = 0;
        struct bytes character = take_character(&reader, &point);
        if (character.length == 0 || !is_xml_character(point)) {
            buffer_append_text(to, REPLACEMENT);
        } else if (point == '&') {
            buffer_append_text(to, "&amp;");
        } else if (point == '<') {
            buffer_append_text(to, "&lt;");
        } else if (point == '>') { /* "]]>" may not occur in text */
            buffer_append_text(to, "&gt;");
        } else if (point == '"') {
            buffer_append_text(to, "&quot;");
        } else if (point == '\r') { /* else read back as a line feed */
            buffer_append_text(to, "&#13;");
        } else {
            buffer_append_bytes(to, character);
        }
    }
}

static void append_json_member(struct buffer *to, const char *name, const char *text)
{
    buffer_append_format(to, "\"%s\": ", name);
    if (text == NULL) {
        buffer_append_text(to, "null");
    } else {
        report_append_json_string(to, bytes_of_text(text));
    }
}

static void append_time(struct buffer *to, time_t time)
{
    struct tm parts;
    char text[32];
    (void)gmtime_r(&time, &parts);
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    buffer_append_text(to, text);
}

static void append_json_expectations(struct buffer *to,
                                     const struct step *step,
                                     const struct step_record *record)
{
    buffer_append_text(to, "\"expectations\": [");
    for (size_t i = 0; i < step->expectation_count; i++) {
        const struct expectation *expectation = &step->expectations[i];
        struct buffer value;
        buffer_init(&value, to->arena, 32);
        record_append_expected_value(&value, expectation);
        buffer_append_text(to, i == 0 ? "\n        { " : ",\n        { ");
        append_json_member(to, "kind", record_expectation_word(expectation->kind));
        buffer_append_text(to, ", \"value\": ");
        report_append_json_string(to, buffer_view(&value));
        const char *held = record->held == NULL ? "null" : record->held[i] ? "true" : "false";
        buffer_append_format(to, ", \"held\": %s }", held);
    }
    buffer_append_text(to, "\n      ]");
}

static void
append_json_step(struct buffer *to, const struct step *step, const struct step_record *record)
{
    buffer_append_text(to, "    {\n      ");
    append_json_member(to, "name", step->name);
    buffer_append_format(to, ",\n      \"line\": %d,\n      ", step->line);
    append_json_member(to, "command", step->command);
    buffer_append_text(to, ",\n      ");
    append_json_member(to, "status", record_status_name(record->status));
    if (step->skip != NULL) {
        buffer_append_text(to, ",\n      ");
        append_json_member(to, "skip", step->skip);
    }
    buffer_append_text(to, ",\n      \"exit\": ");
    if (record->exit_code == EXIT_CODE_NONE) {
        buffer_append_text(to, "null");
    } else {
        buffer_append_format(to, "%d", record->exit_code);
    }
    buffer_append_format(to, ",\n      \"duration_ms\": %lld,\n      \"tries\": %d,\n      ",
                         (long long)record->duration_ms, record->tries);
    append_json_member(to, "trouble", record->trouble);
    buffer_append_text(to, ",\n      \"output\": ");
    report_append_json_string(to, record->output);
    buffer_append_text(to, ",\n      ");
    append_json_expectations(to, step, record);
    buffer_append_text(to, "\n    }");
}

void report_append_json(struct buffer *to, const struct run_record *record)
{
    struct run_counts counts = record_count(record);
    buffer_append_text(to, "{\n  ");
    append_json_member(to, "runbook", record->runbook->path);
    buffer_append_text(to, ",\n  ");
    append_json_member(to, "endpoint", record->endpoint);
    buffer_append_text(to, ",\n  \"started\": \"");
    append_time(to, record->started);
    buffer_append_format(to,
                         "\",\n  \"passed\": %zu,\n  \"failed\": %zu,\n  \"skipped\": %zu,\n"
                         "  \"not_run\": %zu,\n  \"steps\": [\n",
                         counts.passed, counts.failed, counts.skipped, counts.not_run);
    for (size_t i = 0; i < record->runbook->step_count; i++) {
        buffer_append_text(to, i == 0 ? "" : ",\n");
        append_json_step(to, &record->runbook->steps[i], &record->steps[i]);
    }
    buffer_append_text(to, "\n  ]\n}\n");
}

static void append_xml_attribute(struct buffer *to, const char *name, const char *value)
{
    buffer_append_format(to, " %s=\"", name);
    report_append_xml_text(to, bytes_of_text(value));
    buffer_append_u8(to, '"');
}

static void append_seconds(struct buffer *to, int64_t duration_ms)
{
    buffer_append_format(to, " time=\"%lld.%03lld\"", (long long)(duration_ms / MS_PER_SECOND),
                         (long long)(duration_ms % MS_PER_SECOND));
}

/* What did not hold, in one line. */
static const char *
describe_failure(struct arena *arena, const struct step *step, const struct step_record *record)
{
    struct buffer text;
    buffer_init(&text, arena, 128);
    if (record->trouble != NULL) {
        buffer_append_text(&text, record->trouble);
    }
    for (size_t i = 0; record->held != NULL && i < step->expectation_count; i++) {
        if (!record->held[i]) {
            buffer_append_text(&text, text.length == 0 ? "expected " : ", ");
            record_append_expectation(&text, &step->expectations[i]);
        }
    }
    if (record->held != NULL) {
        buffer_append_format(&text, "; exit status %d", record->exit_code);
    }
    return bytes_to_text(arena, buffer_view(&text));
}

static void append_junit_case(struct buffer *to,
                              const struct step *step,
                              const struct step_record *record,
                              const char *runbook)
{
    buffer_append_text(to, "    <testcase");
    append_xml_attribute(to, "classname", runbook);
    append_xml_attribute(to, "name", step->name);
    append_seconds(to, record->duration_ms);
    buffer_append_text(to, ">\n");
    if (record->status == STEP_FAILED) {
        buffer_append_text(to, "      <failure");
        append_xml_attribute(to, "message", describe_failure(to->arena, step, record));
        buffer_append_format(to, ">line %d\n", step->line);
        report_append_xml_text(to, bytes_of_text(step->command));
        buffer_append_text(to, "</failure>\n");
    } else if (record->status != STEP_PASSED) {
        const char *why = record->status == STEP_SKIPPED ? step->skip : "not run";
        buffer_append_text(to, "      <skipped");
        append_xml_attribute(to, "message", why);
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
    append_xml_attribute(to, "name", runbook->path);
    buffer_append_format(to, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"",
                         runbook->step_count, counts.failed, counts.skipped + counts.not_run);
    append_seconds(to, duration_ms);
    buffer_append_text(to, " timestamp=\"");
    append_time(to, record->started);
    buffer_append_text(to, "\">\n");
    for (size_t i = 0; i < runbook->step_count; i++) {
        append_junit_case(to, &runbook->steps[i], &record->steps[i], runbook->path);
    }
    buffer_append_text(to, "  </testsuite>\n</testsuites>\n");
}

bool report_prepare(const char *directory)
{
    char path[PATH_MAX];
    size_t length = strlen(directory);
    if (length == 0 || length >= sizeof path) {
        errno = length == 0 ? ENOENT : ENAMETOOLONG;
        return false;
    }
    memcpy(path, directory, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        char end = path[i];
        path[i] = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST) {
            return false;
        }
        path[i] = end;
    }
    struct stat found;
    if (stat(directory, &found) != 0) {
        return false;
    }
    errno = ENOTDIR;
    return S_ISDIR(found.st_mode);
}

static bool write_file(const char *directory, const char *name, struct bytes content)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return false;
    }
    bool written = fwrite(content.data, 1, content.length, file) == content.length;
    return fclose(file) == 0 && written;
}

bool report_write(struct arena *arena, const char *directory, const struct run_record *record)
{
    struct buffer json;
    buffer_init(&json, arena, REPORT_SIZE_GUESS);
    report_append_json(&json, record);
    struct buffer junit;
    buffer_init(&junit, arena, REPORT_SIZE_GUESS);
    report_append_junit(&junit, record);
    return write_file(directory, "report.json", buffer_view(&json)) &&
           write_file(directory, "junit.xml", buffer_view(&junit));
}
