/*
 * A page -> its steps and their annotations. What is refused is refused with a line that names the
 * page; what is accepted keeps what runbook.h promises. The texts of expectations come back from
 * what a report writes of them.
 */

#include "storage/base/arena.h"
#include "tools/record.h"
#include "tools/runbook.h"

#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void require_expression(const char *pattern)
{
    regex_t compiled;
    require(regcomp(&compiled, pattern, REG_EXTENDED | REG_NEWLINE) == 0);
    regfree(&compiled);
}

/* contains="…" as a report writes it is an annotation that says the same. */
static void go_around(struct arena *arena, const struct expectation *expectation)
{
    struct buffer page;
    struct runbook again;
    const char *error = NULL;
    buffer_init(&page, arena, 64);
    buffer_append_text(&page, "```bash ");
    record_append_expectation(&page, expectation);
    buffer_append_text(&page, "\n```\n");
    require(runbook_parse(arena, "again", buffer_view(&page), &again, &error) == RUNBOOK_OK);
    const struct expectation *same = &again.steps[0].expectations[0];
    require(same->kind == expectation->kind && same->exit == expectation->exit);
    require(expectation->text == NULL || strcmp(same->text, expectation->text) == 0);
}

static void check_step(struct arena *arena, const struct runbook *runbook, size_t index)
{
    const struct step *step = &runbook->steps[index];
    require(step->line > 0 && step->name[0] != '\0' && step->command != NULL);
    require(step->background || step->expectation_count > 0);
    require(!step->background || (step->background_end_index > index &&
                                  step->background_end_index <= runbook->step_count));
    require(step->snapshot == NULL || strlen(step->snapshot) <= 64);
    for (size_t i = 0; i < step->expectation_count; i++) {
        const struct expectation *expectation = &step->expectations[i];
        if (expectation->kind == EXPECT_MATCHES || expectation->kind == EXPECT_MISMATCHES) {
            require_expression(expectation->text);
        }
        go_around(arena, expectation);
    }
    for (size_t i = 0; i < step->capture_count; i++) {
        require_expression(step->captures[i].pattern);
    }
    for (size_t i = 0; i < index; i++) {
        require(strcmp(runbook->steps[i].name, step->name) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct runbook runbook;
    const char *error = NULL;
    arena_init(&arena);
    enum runbook_status status =
        runbook_parse(&arena, "page", (struct bytes){ data, size }, &runbook, &error);
    if (status == RUNBOOK_OK) {
        for (size_t i = 0; i < runbook.step_count; i++) {
            check_step(&arena, &runbook, i);
        }
    } else {
        require(status == RUNBOOK_MALFORMED && strncmp(error, "page:", 5) == 0);
    }
    arena_deinit(&arena);
    return 0;
}
