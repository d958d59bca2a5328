/* A plan for people (plan.h). */

#include "storage/base/arena.h"
#include "storage/base/bytes.h"
#include "tools/plan/plan.h"

#include <string.h>

struct telling {
    struct buffer *to;
    const struct plan *plan;
    bool has_colors;
};

bool plan_is_plain(const struct plan *plan)
{
    return difference_verdict(&plan->difference) == VERDICT_IN_PLACE &&
           plan->sequence.is_complete && plan->sequence.count <= 1;
}

const char *plan_verdict_name(const struct plan *plan)
{
    return plan->difference.change_count == 0
               ? "NOTHING"
               : rules_verdict_name(difference_verdict(&plan->difference));
}

static void say(struct telling *telling, const char *text)
{
    buffer_append_text(telling->to, text);
}

static void say_colored(struct telling *telling, const char *color, const char *text)
{
    if (telling->has_colors) {
        buffer_append_format(telling->to, "\033[%sm%s\033[0m", color, text);
    } else {
        say(telling, text);
    }
}

static const char *verdict_color(enum verdict verdict)
{
    static const char *const colors[] = { "32", "33", "31", "31;1" };
    return colors[verdict];
}

static const char *verdict_words(enum verdict verdict)
{
    static const char *const words[] = { "in place", "more than one deployment", "refused",
                                         "replaces the table, its items are lost" };
    return words[verdict];
}

/* A value as it is read best: JSON without its signs. */
static void say_value(struct telling *telling, const char *text)
{
    if (text[0] == '\0') {
        say(telling, "none");
        return;
    }
    if (text[0] != '{') {
        say(telling, text);
        return;
    }
    for (; *text != '\0'; text++) {
        if (*text == ':' || *text == ',') {
            say(telling, *text == ':' ? " " : ", ");
        } else if (strchr("{}\"", *text) == NULL) {
            buffer_append_u8(telling->to, (uint8_t)*text);
        }
    }
}

/* ---- changes ---- */

static void say_detail(struct telling *telling, const char *label, const char *text)
{
    if (text != NULL) {
        buffer_append_format(telling->to, "      %-15s %s\n", label, text);
    }
}

static void say_values(struct telling *telling, const struct change *change)
{
    if (change->from[0] != '\0') {
        say(telling, "    - ");
        say_value(telling, change->from);
        say(telling, "\n");
    }
    if (change->to[0] != '\0') {
        say(telling, "    + ");
        say_value(telling, change->to);
        say(telling, "\n");
    }
}

static void say_change(struct telling *telling, const struct change *change)
{
    static const char *const certainties[] = { "AWS documents it", "reported by users",
                                               "inferred, not confirmed" };
    bool is_of_index = change->index != NULL && change->property < SETTING_COUNT;
    buffer_append_format(telling->to, "  %s", rules_property_name(change->property, is_of_index));
    if (change->index != NULL) {
        buffer_append_format(telling->to, ": %s", change->index);
    }
    say(telling, "  ");
    say_colored(telling, verdict_color(change->verdict), verdict_words(change->verdict));
    say(telling, "\n");
    say_values(telling, change);
    if (change->verdict != VERDICT_IN_PLACE || change->rule->certainty != CERTAINTY_DOCUMENTED) {
        say_detail(telling, "CloudFormation", change->message);
        say_detail(telling, "API", change->rule->api);
        buffer_append_format(telling->to, "      %-15s %s, %s\n", "basis",
                             certainties[change->rule->certainty], change->rule->source);
    }
}

static void say_changes(struct telling *telling)
{
    const struct difference *difference = &telling->plan->difference;
    bool is_wrapped = false;
    if (difference->change_count > 0) {
        say(telling, "\nChanges\n\n");
    }
    for (size_t i = 0; i < difference->change_count; i++) {
        say_change(telling, &difference->changes[i]);
        is_wrapped = is_wrapped || rules_is_wrapped(difference->changes[i].rule);
    }
    if (is_wrapped) {
        say(telling, "\n  The stack's event shows it as: Resource handler returned message: \"…\" "
                     "(RequestToken: …, HandlerErrorCode: InvalidRequest)\n");
    }
    for (size_t i = 0; i < difference->note_count; i++) {
        say(telling, i == 0 ? "\nNot compared\n\n" : "");
        buffer_append_format(telling->to, "  %s\n", difference->notes[i]);
    }
}

/* ---- deployments ---- */

static void say_title(struct telling *telling, const struct deployment *deployment)
{
    static const char *const titles[] = { "change the settings", "create index ", "delete index " };
    say(telling, titles[deployment->kind]);
    say(telling, deployment->index != NULL ? deployment->index : "");
    if (deployment->has_settings && deployment->kind != DEPLOYMENT_SETTINGS) {
        say(telling, ", and the settings");
    }
    say(telling, "\n");
}

static void say_before(struct telling *telling, const struct deployment *deployment)
{
    struct buffer *to = telling->to;
    if (deployment->awaits_ttl) {
        say(telling, "  Not before an hour after time to live was turned off.\n");
    }
    if (deployment->kind != DEPLOYMENT_DELETE_INDEX) {
        return;
    }
    if (deployment->leaves_readers) {
        say(telling, "  ");
        say_colored(telling, "31;1", "OUTAGE");
        buffer_append_format(to,
                             ": its readers have no index until its successor is built, because "
                             "there is no\n  room for both (20 indexes, 100 projected attributes) "
                             "or a key changes its type. Stop them first.\n");
        return;
    }
    if (deployment->partner != NULL) {
        buffer_append_format(to,
                             "  First move the readers of %s to %s, by a flag, in a deployment "
                             "of their own.\n",
                             deployment->index, deployment->partner);
    }
    buffer_append_format(to,
                         "  %s prove that nobody reads %s: its ConsumedReadCapacityUnits stay "
                         "at zero, for days.\n  There is no way back but to build it again.\n",
                         deployment->partner != NULL ? "Then" : "First", deployment->index);
}

static void say_template(struct telling *telling, const struct deployment *deployment)
{
    const struct index_list *list = &deployment->after->global_indexes;
    say(telling, "  Template: GlobalSecondaryIndexes are then ");
    for (size_t i = 0; i < list->count; i++) {
        buffer_append_format(telling->to, "%s%s", i > 0 ? ", " : "", list->items[i].name);
    }
    say(telling, list->count > 0 ? "\n" : "none\n");
}

static void say_calls(struct telling *telling, const struct deployment *deployment)
{
    struct call_list calls;
    const struct plan *plan = telling->plan;
    calls_find(telling->to->arena, plan->table, deployment->before, deployment->after, &calls);
    for (size_t i = 0; i < calls.count; i++) {
        say(telling, "\n    ");
        command_line_append(telling->to, &calls.items[i], &plan->target);
        say(telling, "\n");
        if (calls.items[i].wait != CALL_WAIT_NONE) {
            say(telling, "    ");
            command_line_append_wait(telling->to, &calls.items[i], &plan->target);
            say(telling, "\n");
        }
    }
}

static void
say_deployment(struct telling *telling, size_t number, const struct deployment *deployment)
{
    buffer_append_format(telling->to, "\nDeployment %zu: ", number);
    say_title(telling, deployment);
    if (deployment->kind != DEPLOYMENT_SETTINGS || deployment->awaits_ttl) {
        say(telling, "\n");
    }
    say_before(telling, deployment);
    if (deployment->kind != DEPLOYMENT_SETTINGS) {
        say_template(telling, deployment);
    }
    if (deployment->kind == DEPLOYMENT_CREATE_INDEX) {
        say(telling, "  On AWS 8 to 17 minutes at least, for an empty table; longer with its "
                     "size. CloudFormation does not\n  wait for it: do not deploy the next before "
                     "the index is ACTIVE.\n");
    }
    say_calls(telling, deployment);
}

/* ---- the whole ---- */

static void say_heading(struct telling *telling)
{
    const struct plan *plan = telling->plan;
    const struct sequence *sequence = &plan->sequence;
    enum verdict verdict = difference_verdict(&plan->difference);
    buffer_append_format(telling->to, "%s: ", plan->table);
    if (plan->difference.change_count == 0) {
        say(telling, "nothing to do\n");
        return;
    }
    buffer_append_format(telling->to, "%zu change%s; %s", plan->difference.change_count,
                         plan->difference.change_count == 1 ? "" : "s",
                         verdict == VERDICT_IN_PLACE ? "" : "at once: ");
    say_colored(telling, verdict_color(verdict), verdict_words(verdict));
    if (sequence->count == 0) {
        say(telling, sequence->is_complete ? "; nothing to deploy\n" : "; no update leads there\n");
        return;
    }
    buffer_append_format(telling->to, "; in %zu deployment%s: %s\n", sequence->count,
                         sequence->count == 1 ? "" : "s",
                         sequence->is_complete ? "all of it" : "what updates can do");
}

/* The name that stands in the commands when no definition tells one. */
static void say_placeholder(struct telling *telling)
{
    if (strcmp(telling->plan->table, PLAN_NO_NAME) == 0) {
        say(telling, "\nNo definition tells the table's name: put it in place of " PLAN_NO_NAME
                     ", or give --table.\n");
    }
}

/* Indexes at the end that are not called as wanted. */
static void say_new_names(struct telling *telling)
{
    const struct plan *plan = telling->plan;
    const struct index_list *end = &plan->sequence.end->global_indexes;
    bool has_said = false;
    for (size_t i = 0; i < end->count; i++) {
        if (definition_find_index(&plan->to->global_indexes, end->items[i].name) == NULL) {
            buffer_append_format(telling->to, "%s%s",
                                 has_said ? ", " : "\nNames in the end: ", end->items[i].name);
            has_said = true;
        }
    }
    if (has_said) {
        say(telling,
            ". Use them in the template and in the readers.\n--keep-names gives the wanted "
            "names back, with two deployments more for each.\n");
    }
}

static void say_unreachable(struct telling *telling)
{
    if (!telling->plan->sequence.is_complete) {
        say(telling, "\nNo sequence of updates leads to all that is wanted: what replaces the "
                     "table, or can never be changed,\nneeds a new table under another name, "
                     "filled from the old one, and its readers and writers moved.\n");
    }
}

void plan_append_text(struct buffer *to, const struct plan *plan, bool has_colors)
{
    struct telling telling = { .to = to, .plan = plan, .has_colors = has_colors };
    say_heading(&telling);
    if (plan->from->busy != NULL) {
        buffer_append_format(to, "\nNot at rest: %s. Wait for that first.\n", plan->from->busy);
    }
    say_placeholder(&telling);
    say_changes(&telling);
    for (size_t i = 0; i < plan->sequence.count; i++) {
        say_deployment(&telling, i + 1, &plan->sequence.deployments[i]);
    }
    say_new_names(&telling);
    say_unreachable(&telling);
}
