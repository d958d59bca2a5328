#include "tools/record.h"

struct run_counts record_count(const struct run_record *record)
{
    struct run_counts counts = { 0 };
    for (size_t i = 0; i < record->runbook->step_count; i++) {
        switch (record->steps[i].status) {
        case STEP_NOT_RUN:
            counts.not_run += 1;
            break;
        case STEP_SKIPPED:
            counts.skipped += 1;
            break;
        case STEP_RUNNING:
            break;
        case STEP_PASSED:
            counts.passed += 1;
            break;
        case STEP_FAILED:
            counts.failed += 1;
            break;
        }
    }
    return counts;
}

const char *record_status_name(enum step_status status)
{
    static const char *const names[] = {
        [STEP_NOT_RUN] = "not run", [STEP_SKIPPED] = "skipped", [STEP_RUNNING] = "running",
        [STEP_PASSED] = "passed",   [STEP_FAILED] = "failed",
    };
    return names[status];
}

const char *record_expectation_word(enum expectation_kind kind)
{
    static const char *const words[] = {
        [EXPECT_EXIT] = "exit",         [EXPECT_EXIT_NONZERO] = "exit",
        [EXPECT_CONTAINS] = "contains", [EXPECT_ABSENT] = "absent",
        [EXPECT_MATCHES] = "matches",   [EXPECT_MISMATCHES] = "mismatches",
        [EXPECT_UNTIL] = "until",
    };
    return words[kind];
}

void record_append_expected_value(struct buffer *to, const struct expectation *expectation)
{
    if (expectation->kind == EXPECT_EXIT) {
        buffer_append_format(to, "%d", expectation->exit);
    } else if (expectation->kind == EXPECT_EXIT_NONZERO) {
        buffer_append_text(to, "nonzero");
    } else {
        buffer_append_text(to, expectation->text);
    }
}

void record_append_expectation(struct buffer *to, const struct expectation *expectation)
{
    buffer_append_format(to, "%s=", record_expectation_word(expectation->kind));
    if (expectation->text == NULL) {
        record_append_expected_value(to, expectation);
        return;
    }
    buffer_append_u8(to, '"');
    for (const char *next = expectation->text; *next != '\0'; next++) {
        if (*next == '"' || *next == '\\') {
            buffer_append_u8(to, '\\');
        }
        buffer_append_u8(to, (uint8_t)*next);
    }
    buffer_append_u8(to, '"');
}

const char *record_describe_failure(struct arena *arena,
                                    const struct step *step,
                                    const struct step_record *record)
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
