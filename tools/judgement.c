#include "tools/judgement.h"

#include "storage/base/arena.h"

#include <regex.h>
#include <stddef.h>
#include <string.h>

/* Line by line: ^ and $ are the ends of a line, a dot is not a line feed. */
static bool find_match(const char *pattern, const char *text, regmatch_t *out_match)
{
    regex_t compiled;
    regmatch_t groups[2];
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NEWLINE) != 0) {
        return false;
    }
    bool found = regexec(&compiled, text, 2, groups, 0) == 0;
    *out_match = found && groups[1].rm_so >= 0 ? groups[1] : groups[0];
    regfree(&compiled);
    return found;
}

/* The output has a zero byte behind it and none within. */
static const char *output_text(const struct step_record *record)
{
    return record->output.length > 0 ? (const char *)record->output.data : "";
}

static bool holds(const struct expectation *expectation, const struct step_record *record)
{
    const char *output = output_text(record);
    regmatch_t match;
    switch (expectation->kind) {
    case EXPECT_EXIT:
        return record->exit_code == expectation->exit;
    case EXPECT_EXIT_NONZERO:
        return record->exit_code != 0;
    case EXPECT_CONTAINS:
    case EXPECT_UNTIL:
        return strstr(output, expectation->text) != NULL;
    case EXPECT_ABSENT:
        return strstr(output, expectation->text) == NULL;
    case EXPECT_MATCHES:
        return find_match(expectation->text, output, &match);
    case EXPECT_MISMATCHES:
        return !find_match(expectation->text, output, &match);
    }
    return false;
}

bool judgement_is_done(const struct step *step, const struct step_record *record)
{
    for (size_t i = 0; i < step->expectation_count; i++) {
        const struct expectation *expectation = &step->expectations[i];
        bool waited_for = step->retry || expectation->kind == EXPECT_UNTIL;
        if (waited_for && !holds(expectation, record)) {
            return false;
        }
    }
    return true;
}

bool judgement_pass(struct arena *arena, const struct step *step, struct step_record *record)
{
    bool *held = arena_alloc(arena, step->expectation_count * sizeof *held);
    bool all = true;
    for (size_t i = 0; i < step->expectation_count; i++) {
        held[i] = holds(&step->expectations[i], record);
        all = all && held[i];
    }
    record->held = held;
    return all;
}

bool judgement_capture(const struct capture *capture,
                       const struct step_record *record,
                       struct bytes *out_value)
{
    const char *output = output_text(record);
    regmatch_t match;
    if (!find_match(capture->pattern, output, &match)) {
        return false;
    }
    *out_value = (struct bytes){ .data = (const uint8_t *)output + match.rm_so,
                                 .length = (size_t)(match.rm_eo - match.rm_so) };
    return true;
}
