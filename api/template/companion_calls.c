#include "api/template/companion_calls.h"

#include "api/template/calls.h"
#include "api/template/message.h"
#include "api/template/node.h"
#include "storage/base/arena.h"

#include <assert.h>
#include <string.h>

struct companion {
    struct arena *arena;
    const char *table;
    struct call_list *calls;
};

static void add_member(struct call *call, const char *name, enum member_kind kind, const char *text)
{
    assert(call->member_count < CALL_MEMBER_COUNT_MAX);
    call->members[call->member_count++] = (struct call_member){ name, kind, text };
}

static struct call *add_call(struct companion *companion, const char *operation)
{
    struct call_list *calls = companion->calls;
    size_t size = sizeof *calls->items;
    struct call *items = arena_alloc(companion->arena, (calls->count + 1) * size);
    if (calls->count > 0) {
        assert(calls->items != NULL);
        memcpy(items, calls->items, calls->count * size);
    }
    calls->items = items;
    struct call *call = &items[calls->count++];
    calls->capacity = calls->count;
    *call = (struct call){ .operation = operation, .wait = CALL_WAIT_NONE };
    add_member(call, "TableName", MEMBER_TEXT, companion->table);
    return call;
}

static const char *member_text(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->member_count; i++) {
        if (strcmp(call->members[i].name, name) == 0) {
            return call->members[i].text;
        }
    }
    return NULL;
}

/* ---- Contributor Insights ---- */

static const char DEFAULT_MODE[] = "ACCESSED_AND_THROTTLED_KEYS";

/* Of a table or an index; "": it is off. */
static const char *mode_of(const struct node *owner)
{
    const struct node *insights = node_member(owner, "ContributorInsightsSpecification");
    bool is_on = node_is_text(node_member(insights, "Enabled"), "true");
    return is_on ? node_text(node_member(insights, "Mode"), DEFAULT_MODE) : "";
}

/* The call that turns it on for the index, NULL for the table; NULL: there is none. */
static struct call *find_enabling(const struct companion *companion, const char *index)
{
    for (size_t i = 0; i < companion->calls->count; i++) {
        struct call *call = &companion->calls->items[i];
        const char *of = member_text(call, "IndexName");
        bool is_of_it = index == NULL ? of == NULL : of != NULL && strcmp(of, index) == 0;
        const char *action = member_text(call, "ContributorInsightsAction");
        if (is_of_it && action != NULL && strcmp(action, "ENABLE") == 0) {
            return call;
        }
    }
    return NULL;
}

static void set_mode(struct companion *companion,
                     const char *index,
                     const struct node *previous,
                     const struct node *next)
{
    const char *before = mode_of(previous);
    const char *after = mode_of(next);
    struct call *call = find_enabling(companion, index);
    bool is_default = strcmp(after, DEFAULT_MODE) == 0;
    if (after[0] == '\0' || (call != NULL && is_default) ||
        (call == NULL && (before[0] == '\0' || strcmp(before, after) == 0))) {
        return;
    }
    if (call == NULL) {
        call = add_call(companion, "UpdateContributorInsights");
        if (index != NULL) {
            add_member(call, "IndexName", MEMBER_TEXT, index);
        }
        add_member(call, "ContributorInsightsAction", MEMBER_TEXT, "ENABLE");
    }
    add_member(call, "ContributorInsightsMode", MEMBER_TEXT, after);
}

static const struct node *find_index(const struct node *table, const char *name)
{
    const struct node *list = node_member(table, "GlobalSecondaryIndexes");
    for (const struct node *index = list != NULL ? list->first : NULL; index != NULL;
         index = index->next) {
        if (node_is_text(node_member(index, "IndexName"), name)) {
            return index;
        }
    }
    return NULL;
}

/* ---- Kinesis ---- */

static const char *precision_of(const struct node *table)
{
    const struct node *kinesis = node_member(table, "KinesisStreamSpecification");
    return node_text(node_member(kinesis, "ApproximateCreationDateTimePrecision"), NULL);
}

static const char *stream_of(const struct node *table)
{
    return node_text(node_member(node_member(table, "KinesisStreamSpecification"), "StreamArn"),
                     "");
}

static const char *configuration_of(struct companion *companion, const char *precision)
{
    return message_format(companion->arena, "{\"ApproximateCreationDateTimePrecision\":\"%s\"}",
                          precision);
}

static bool is_precision(const char *text)
{
    return strcmp(text, "MILLISECOND") == 0 || strcmp(text, "MICROSECOND") == 0;
}

/* Without one a destination has milliseconds. */
static void
set_precision(struct companion *companion, const struct node *previous, const struct node *next)
{
    const char *before = precision_of(previous);
    const char *after = precision_of(next);
    const char *stream = stream_of(next);
    after = after == NULL || !is_precision(after) ? "MILLISECOND" : after;
    for (size_t i = 0; i < companion->calls->count; i++) {
        struct call *call = &companion->calls->items[i];
        if (strcmp(call->operation, "EnableKinesisStreamingDestination") == 0) {
            if (precision_of(next) != NULL) {
                add_member(call, "EnableKinesisStreamingConfiguration", MEMBER_JSON,
                           configuration_of(companion, after));
            }
            return;
        }
    }
    if (stream[0] != '\0' && strcmp(stream, stream_of(previous)) == 0 &&
        strcmp(before != NULL ? before : "MILLISECOND", after) != 0) {
        struct call *call = add_call(companion, "UpdateKinesisStreamingDestination");
        add_member(call, "StreamArn", MEMBER_TEXT, stream);
        add_member(call, "UpdateKinesisStreamingConfiguration", MEMBER_JSON,
                   configuration_of(companion, after));
    }
}

void companion_calls_add(struct arena *arena,
                         const char *table,
                         const struct node *previous,
                         const struct node *next,
                         struct call_list *calls)
{
    struct companion companion = { .arena = arena, .table = table, .calls = calls };
    set_mode(&companion, NULL, previous, next);
    const struct node *list = node_member(next, "GlobalSecondaryIndexes");
    for (const struct node *index = list != NULL ? list->first : NULL; index != NULL;
         index = index->next) {
        const char *name = node_text(node_member(index, "IndexName"), "");
        set_mode(&companion, name, find_index(previous, name), index);
    }
    set_precision(&companion, previous, next);
}
