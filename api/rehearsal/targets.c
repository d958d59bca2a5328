#include "api/rehearsal/targets.h"

static bool is_batch(const struct operation *operation)
{
    return operation == &OPERATION_BATCH_GET_ITEM || operation == &OPERATION_BATCH_WRITE_ITEM;
}

static bool is_transaction(const struct operation *operation)
{
    return operation == &OPERATION_TRANSACT_GET_ITEMS ||
           operation == &OPERATION_TRANSACT_WRITE_ITEMS;
}

static struct bytes text_of(struct request *request, const struct cJSON *node)
{
    bool is_text = node != NULL && json_kind(node) == JSON_STRING;
    return is_text ? json_text(request->arena, node) : BYTES("");
}

/* {"Put":{"TableName":…}}: the action whatever it is. */
static struct target target_of_action(struct request *request, const struct cJSON *action)
{
    struct target target = { .table_name = BYTES("") };
    if (json_kind(action) != JSON_OBJECT) {
        return target;
    }
    for (const struct cJSON *one = json_first(action); one != NULL; one = json_next(one)) {
        struct bytes name = text_of(request, json_member(one, "TableName"));
        if (name.length > 0) {
            target.table_name = table_name_of_arn(name);
            target.is_written = !json_name_is(one, "ConditionCheck") && !json_name_is(one, "Get");
        }
    }
    return target;
}

static void find_all(struct request *request,
                     const struct cJSON *container,
                     bool is_written,
                     struct targets *targets)
{
    enum json_kind kind = container != NULL ? json_kind(container) : JSON_NULL;
    if (kind != JSON_OBJECT && kind != JSON_ARRAY) {
        return;
    }
    struct target *tables = arena_alloc(request->arena, json_count(container) * sizeof *tables);
    for (const struct cJSON *one = json_first(container); one != NULL; one = json_next(one)) {
        tables[targets->count++] =
            kind == JSON_ARRAY
                ? target_of_action(request, one)
                : (struct target){ .table_name = table_name_of_arn(json_name(request->arena, one)),
                                   .is_written = is_written };
    }
    targets->tables = tables;
}

static void find_one(struct request *request, bool is_written, struct targets *targets)
{
    struct bytes name = text_of(request, json_member(request->input, "TableName"));
    if (name.length == 0) { /* tags, policies */
        name = text_of(request, json_member(request->input, "ResourceArn"));
    }
    if (name.length > 0) {
        struct target *table = arena_alloc(request->arena, sizeof *table);
        *table = (struct target){ .table_name = table_name_of_arn(name), .is_written = is_written };
        targets->tables = table;
        targets->count = 1;
    }
}

/* {"Create":{"IndexName":…}} */
static struct bytes index_of_entry(struct request *request, const struct cJSON *entries)
{
    const struct cJSON *entry =
        entries != NULL && json_kind(entries) == JSON_ARRAY ? json_first(entries) : NULL;
    const struct cJSON *action =
        entry != NULL && json_kind(entry) == JSON_OBJECT ? json_first(entry) : NULL;
    return text_of(request, json_member(action, "IndexName"));
}

struct targets targets_of(struct request *request, const struct operation *operation)
{
    struct targets targets = { .index_name = BYTES("") };
    bool is_written = operation_is_of_items(operation) && operation->access != ACCESS_READ;
    if (is_batch(operation)) {
        find_all(request, json_member(request->input, "RequestItems"), is_written, &targets);
    } else if (is_transaction(operation)) {
        find_all(request, json_member(request->input, "TransactItems"), is_written, &targets);
    } else {
        find_one(request, is_written, &targets);
    }
    if (operation == &OPERATION_QUERY || operation == &OPERATION_SCAN) {
        targets.index_name = text_of(request, json_member(request->input, "IndexName"));
    } else if (operation == &OPERATION_UPDATE_TABLE) {
        targets.index_name =
            index_of_entry(request, json_member(request->input, "GlobalSecondaryIndexUpdates"));
    }
    return targets;
}
