#include "tools/drive/request.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/process.h"

#include <string.h>

/* ---- bodies ---- */

static void begin_body(struct buffer *body, struct arena *arena, const struct item_request *request)
{
    buffer_init(body, arena, 1024);
    buffer_append_text(body, "{\"TableName\":");
    json_append_text(body, request->table);
}

static void append_key(struct buffer *body, const struct item_request *request)
{
    buffer_append_text(body, ",\"Key\":{");
    item_plan_append_key(body, request->plan, &request->item);
    buffer_append_text(body, "}");
}

/* The names and values are left open for more. */
static void append_condition(struct buffer *body, const struct item_request *request)
{
    buffer_append_text(body, ",\"ConditionExpression\":\"attribute_not_exists(#p) OR (#r = :r AND "
                             "#v <= :v)\",\"ExpressionAttributeNames\":{\"#p\":");
    json_append_text(body, request->plan->attributes[0].name);
    buffer_append_text(body, ",\"#r\":\"" DRIVE_RUN_ATTRIBUTE "\",\"#v\":\"" DRIVE_VERSION_ATTRIBUTE
                             "\"");
}

static void append_condition_values(struct buffer *body, const struct item_request *request)
{
    buffer_append_format(body, ",\"ExpressionAttributeValues\":{\":r\":{\"S\":\"%012lld\"}",
                         (long long)request->item.run);
    buffer_append_format(body, ",\":v\":{\"N\":\"%lld\"}", (long long)request->version);
}

struct bytes request_put_body(struct arena *arena, const struct item_request *request)
{
    struct buffer body;
    begin_body(&body, arena, request);
    buffer_append_text(&body, ",\"Item\":{");
    for (size_t i = 0; i < request->plan->count; i++) {
        const struct planned_attribute *attribute = &request->plan->attributes[i];
        json_append_text(&body, attribute->name);
        buffer_append_text(&body, ":");
        item_plan_append_value(&body, attribute, &request->item, request->version);
        buffer_append_text(&body, ",");
    }
    buffer_append_format(&body, "\"" DRIVE_RUN_ATTRIBUTE "\":{\"S\":\"%012lld\"}",
                         (long long)request->item.run);
    buffer_append_format(&body, ",\"" DRIVE_VERSION_ATTRIBUTE "\":{\"N\":\"%lld\"}}",
                         (long long)request->version);
    append_condition(&body, request);
    buffer_append_text(&body, "}");
    append_condition_values(&body, request);
    buffer_append_text(&body, "}}");
    return buffer_view(&body);
}

struct bytes request_update_body(struct arena *arena, const struct item_request *request)
{
    const struct item_plan *plan = request->plan;
    struct buffer body;
    begin_body(&body, arena, request);
    append_key(&body, request);
    buffer_append_text(&body, ",\"UpdateExpression\":\"SET #r = :r, #v = :v");
    for (size_t i = plan->keys->key_count; i < plan->count; i++) {
        buffer_append_format(&body, ", #a%zu = :a%zu", i, i);
    }
    buffer_append_text(&body, "\"");
    append_condition(&body, request);
    for (size_t i = plan->keys->key_count; i < plan->count; i++) {
        buffer_append_format(&body, ",\"#a%zu\":", i);
        json_append_text(&body, plan->attributes[i].name);
    }
    buffer_append_text(&body, "}");
    append_condition_values(&body, request);
    for (size_t i = plan->keys->key_count; i < plan->count; i++) {
        buffer_append_format(&body, ",\":a%zu\":", i);
        item_plan_append_value(&body, &plan->attributes[i], &request->item, request->version);
    }
    buffer_append_text(&body, "}}");
    return buffer_view(&body);
}

struct bytes request_delete_body(struct arena *arena, const struct item_request *request)
{
    struct buffer body;
    begin_body(&body, arena, request);
    append_key(&body, request);
    append_condition(&body, request);
    buffer_append_text(&body, "}");
    append_condition_values(&body, request);
    buffer_append_text(&body, "}}");
    return buffer_view(&body);
}

struct bytes request_get_body(struct arena *arena, const struct item_request *request)
{
    struct buffer body;
    begin_body(&body, arena, request);
    append_key(&body, request);
    buffer_append_text(&body, ",\"ConsistentRead\":true}");
    return buffer_view(&body);
}

struct bytes request_query_body(struct arena *arena,
                                const struct item_request *request,
                                const char *index,
                                const struct index_shape *keys)
{
    struct buffer body;
    struct buffer names;
    struct buffer values;
    begin_body(&body, arena, request);
    buffer_init(&names, arena, 256);
    buffer_init(&values, arena, 256);
    buffer_append_text(&body, ",\"IndexName\":");
    json_append_text(&body, index);
    buffer_append_text(&body, ",\"KeyConditionExpression\":\"");
    for (size_t i = 0, count = 0; i < keys->key_count; i++) {
        if (!keys->keys[i].is_hash) {
            continue;
        }
        struct planned_attribute attribute = { .type = keys->keys[i].type, .is_identity = true };
        buffer_append_format(&body, "%s#h%zu = :h%zu", count > 0 ? " AND " : "", i, i);
        buffer_append_format(&names, "%s\"#h%zu\":", count > 0 ? "," : "", i);
        json_append_text(&names, keys->keys[i].name);
        buffer_append_format(&values, "%s\":h%zu\":", count > 0 ? "," : "", i);
        item_plan_append_value(&values, &attribute, &request->item, 0);
        count++;
    }
    buffer_append_text(&body, "\",\"ExpressionAttributeNames\":{");
    buffer_append_bytes(&body, buffer_view(&names));
    buffer_append_text(&body, "},\"ExpressionAttributeValues\":{");
    buffer_append_bytes(&body, buffer_view(&values));
    buffer_append_text(&body, "}}");
    return buffer_view(&body);
}

/* ---- sending ---- */

/* A client's error tells that nothing was done; anything else tells nothing. */
static enum answer answer_of(const struct dynamodb_reply *reply)
{
    if (reply->error == NULL) {
        return ANSWER_DONE;
    }
    return dynamodb_reply_is_answer(reply) && reply->status < 500 ? ANSWER_REFUSED : ANSWER_UNKNOWN;
}

static const char *code_of(const struct dynamodb_reply *reply)
{
    if (reply->error == NULL) {
        return NULL;
    }
    if (reply->status == 0) {
        return "NoAnswer";
    }
    return dynamodb_reply_is_answer(reply) ? reply->error : "NoDynamoDB";
}

enum answer request_send(struct tally *tally,
                         struct dynamodb_client *client,
                         struct arena *arena,
                         struct outcome outcome,
                         struct bytes body,
                         struct dynamodb_reply *out_reply)
{
    int64_t began_us = process_now_us();
    (void)dynamodb_client_call(client, arena, request_name(outcome.kind), body, out_reply);
    outcome.took_us = process_now_us() - began_us;
    outcome.code = code_of(out_reply);
    outcome.message = out_reply->message;
    outcome.is_answered = out_reply->status != 0;
    if (tally != NULL) {
        tally_add(tally, &outcome);
    }
    return answer_of(out_reply);
}
