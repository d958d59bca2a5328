#include "tools/compare/entry_check.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/exit_code.h"
#include "tools/process.h"

#include <string.h>

enum { PAUSE_FIRST_MS = 100, PAUSE_LONGEST_MS = 5000, CONDITIONS_MAX = 2 * KEY_PARTS_MAX };

/* What one look needs. */
struct look {
    const struct command *command;
    struct dynamodb_client *client;
    struct arena *arena;
    const struct sides *sides;
    const struct cJSON *item; /* of the table, now; NULL: none */
    int code;                 /* not CODE_FINE: a call failed, and it was told */
};

static struct cJSON *call(struct look *look, const char *operation, struct bytes body)
{
    struct dynamodb_reply reply;
    if (!dynamodb_client_call(look->client, look->arena, operation, body, &reply)) {
        look->code = command_fail_call(look->command, look->client, operation, &reply);
        dynamodb_reply_free(&reply);
        return NULL;
    }
    return reply.json;
}

static struct cJSON *get_item(struct look *look, struct bytes key)
{
    struct buffer body;
    buffer_init(&body, look->arena, 256);
    buffer_append_text(&body, "{\"TableName\":");
    json_append_text(&body, look->sides->table);
    buffer_append_text(&body, ",\"ConsistentRead\":true,\"Key\":");
    buffer_append_bytes(&body, key);
    buffer_append_text(&body, "}");
    return call(look, "GetItem", buffer_view(&body));
}

/* ---- the entry of a side ---- */

static bool is_key_of(const struct index_shape *index, const char *name)
{
    bool found = false;
    for (size_t i = 0; !found && i < index->key_count; i++) {
        found = strcmp(index->keys[i].name, name) == 0;
    }
    return found;
}

/* "#n0 = :v0 AND …" for each part of the key that is wanted; names and values go to their maps. */
struct conditions {
    struct buffer expression;
    struct buffer names;
    struct buffer values;
    size_t count;
};

static void add_condition(struct conditions *conditions,
                          struct arena *arena,
                          const char *name,
                          const struct cJSON *value,
                          size_t number)
{
    const char *comma = number > 0 ? "," : "";
    buffer_append_format(&conditions->expression, "%s#n%zu = :v%zu",
                         conditions->count > 0 ? " AND " : "", number, number);
    buffer_append_format(&conditions->names, "%s\"#n%zu\":", comma, number);
    json_append_text(&conditions->names, name);
    buffer_append_format(&conditions->values, "%s\":v%zu\":", comma, number);
    buffer_append_bytes(&conditions->values, json_print(arena, value));
    conditions->count++;
}

/* A Query for the entry with this index key and this table key, from `start` on. */
static struct bytes query_body(struct look *look,
                               const struct index_shape *index,
                               const struct cJSON *index_key,
                               const struct cJSON *key,
                               const struct cJSON *start)
{
    struct conditions range = { .count = 0 };
    struct buffer body;
    buffer_init(&range.expression, look->arena, 128);
    buffer_init(&range.names, look->arena, 128);
    buffer_init(&range.values, look->arena, 256);
    for (size_t i = 0; i < index->key_count; i++) {
        const char *name = index->keys[i].name;
        add_condition(&range, look->arena, name, json_member(index_key, name), i);
    }
    struct conditions filter = { .names = range.names, .values = range.values };
    buffer_init(&filter.expression, look->arena, 128);
    const struct index_shape *keys = look->sides->keys;
    for (size_t i = 0; i < keys->key_count; i++) {
        const char *name = keys->keys[i].name;
        if (!is_key_of(index, name)) { /* a filter may not name a key of the index */
            add_condition(&filter, look->arena, name, json_member(key, name), index->key_count + i);
        }
    }
    buffer_init(&body, look->arena, 512);
    buffer_append_text(&body, "{\"TableName\":");
    json_append_text(&body, look->sides->table);
    buffer_append_text(&body, ",\"IndexName\":");
    json_append_text(&body, index->name);
    buffer_append_format(&body, ",\"KeyConditionExpression\":\"%.*s\"",
                         BYTES_ARGUMENTS(buffer_view(&range.expression)));
    if (filter.count > 0) {
        buffer_append_format(&body, ",\"FilterExpression\":\"%.*s\"",
                             BYTES_ARGUMENTS(buffer_view(&filter.expression)));
    }
    buffer_append_text(&body, ",\"ExpressionAttributeNames\":{");
    buffer_append_bytes(&body, buffer_view(&filter.names));
    buffer_append_text(&body, "},\"ExpressionAttributeValues\":{");
    buffer_append_bytes(&body, buffer_view(&filter.values));
    buffer_append_text(&body, index->is_local ? "},\"ConsistentRead\":true" : "}");
    if (start != NULL) {
        buffer_append_text(&body, ",\"ExclusiveStartKey\":");
        buffer_append_bytes(&body, json_print(look->arena, start));
    }
    buffer_append_text(&body, "}");
    return buffer_view(&body);
}

/* The page that has the entry, to be freed; NULL: there is none (or a call failed). */
static struct cJSON *find_entry(struct look *look,
                                const struct index_shape *index,
                                const struct cJSON *index_key,
                                const struct cJSON *key)
{
    struct cJSON *page = NULL;
    do {
        struct bytes body =
            query_body(look, index, index_key, key, json_member(page, "LastEvaluatedKey"));
        json_free(page);
        page = call(look, "Query", body);
        if (json_count(json_member(page, "Items")) > 0) {
            return page;
        }
    } while (page != NULL && json_member(page, "LastEvaluatedKey") != NULL);
    json_free(page);
    return NULL;
}

/* ---- what is different ---- */

/* The names of attributes that both sides have and that are not the same in both. */
static struct bytes
different_attributes(struct look *look, const struct cJSON *item, const struct cJSON *entry)
{
    const struct index_shape *const *shapes = look->sides->shapes;
    const struct cJSON *const both[] = { item, entry };
    struct buffer names;
    buffer_init(&names, look->arena, 64);
    for (size_t i = 0; i < 2; i++) {
        for (const struct cJSON *node = json_first(both[i]); node != NULL; node = json_next(node)) {
            const char *name = json_name(node);
            const struct cJSON *other = json_member(both[1 - i], name);
            bool is_common = index_shape_projects(shapes[SIDE_LEFT], name) &&
                             index_shape_projects(shapes[SIDE_RIGHT], name);
            if (is_common && (i == 0 || other == NULL) && !json_equal(node, other)) {
                buffer_append_text(&names, names.length > 0 ? ", " : "");
                buffer_append_text(&names, name);
            }
        }
    }
    return buffer_view(&names);
}

static bool same_image(struct look *look, const struct cJSON *item, const struct cJSON *entry)
{
    uint8_t digests[2][DIGEST_SIZE];
    const struct index_shape *const *shapes = look->sides->shapes;
    item_digest(look->arena, item, shapes[SIDE_LEFT], shapes[SIDE_RIGHT], digests[0]);
    item_digest(look->arena, entry, shapes[SIDE_LEFT], shapes[SIDE_RIGHT], digests[1]);
    return memcmp(digests[0], digests[1], DIGEST_SIZE) == 0;
}

/* The entry that the item should have on this side. */
static enum verdict check_present(struct look *look,
                                  const struct index_shape *index,
                                  const struct cJSON *key,
                                  struct difference *out_difference)
{
    struct cJSON *page = find_entry(look, index, look->item, key);
    if (page == NULL) {
        return VERDICT_MISSING;
    }
    const struct cJSON *entry = json_first(json_member(page, "Items"));
    bool is_same = same_image(look, look->item, entry);
    if (!is_same) {
        out_difference->attributes = different_attributes(look, look->item, entry);
    }
    json_free(page);
    return is_same ? VERDICT_SAME : VERDICT_DIFFERENT;
}

static bool has_same_key(const struct cJSON *item,
                         const struct cJSON *index_key,
                         const struct index_shape *index)
{
    bool is_same = item != NULL;
    for (size_t i = 0; is_same && i < index->key_count; i++) {
        const char *name = index->keys[i].name;
        is_same = json_equal(json_member(item, name), json_member(index_key, name));
    }
    return is_same;
}

/* Entries that were read where the item, as it is now, has none. */
static enum verdict check_stale(struct look *look,
                                enum side side,
                                const struct cJSON *key,
                                const struct entry *entries,
                                size_t count)
{
    const struct index_shape *index = look->sides->shapes[side];
    enum verdict verdict = VERDICT_SAME;
    for (size_t i = 0; verdict == VERDICT_SAME && i < count; i++) {
        struct cJSON *index_key = entries[i].side == side ? json_parse(entries[i].index_key) : NULL;
        bool is_elsewhere =
            index_key != NULL && !(has_same_key(look->item, index_key, index) &&
                                   item_skip(look->item, index).reason == SKIP_NONE);
        struct cJSON *page = is_elsewhere ? find_entry(look, index, index_key, key) : NULL;
        verdict = page != NULL ? VERDICT_STALE : VERDICT_SAME;
        json_free(page);
        json_free(index_key);
    }
    return verdict;
}

static const char *copy_text(struct arena *arena, const char *text)
{
    return text != NULL ? bytes_to_text(arena, bytes_of_text(text)) : NULL;
}

static enum verdict check_side(struct look *look,
                               enum side side,
                               const struct cJSON *key,
                               const struct entry *entries,
                               size_t count,
                               struct difference *out_difference)
{
    const struct index_shape *index = look->sides->shapes[side];
    const struct index_shape *other = look->sides->shapes[1 - side];
    out_difference->side = side;
    if (index->name == NULL) {
        return VERDICT_SAME; /* the table is what the other is compared with */
    }
    enum verdict verdict = check_stale(look, side, key, entries, count);
    if (verdict != VERDICT_SAME || look->item == NULL) {
        return verdict;
    }
    struct skip skip = item_skip(look->item, index);
    if (skip.reason == SKIP_NONE) {
        return check_present(look, index, key, out_difference);
    }
    /* What the index of a table leaves out is as it should be. */
    bool other_has_it = other->name != NULL && item_skip(look->item, other).reason == SKIP_NONE;
    out_difference->skip = skip;
    out_difference->skip.attribute = copy_text(look->arena, skip.attribute);
    out_difference->skip.type = copy_text(look->arena, skip.type);
    return other_has_it ? VERDICT_LEFT_OUT : VERDICT_SAME;
}

static struct difference look_once(struct look *look, const struct entry *entries, size_t count)
{
    struct difference difference = { .verdict = VERDICT_SAME };
    struct cJSON *key = json_parse(entries[0].key);
    struct cJSON *answer = get_item(look, entries[0].key);
    look->item = json_member(answer, "Item");
    for (int side = 0;
         look->code == CODE_FINE && difference.verdict == VERDICT_SAME && side < SIDE_COUNT;
         side++) {
        difference.verdict = check_side(look, (enum side)side, key, entries, count, &difference);
    }
    json_free(answer);
    json_free(key);
    return difference;
}

int entry_check(const struct entry_checker *checker,
                struct arena *arena,
                const struct entry *entries,
                size_t count,
                struct difference *out_difference)
{
    struct look look = { .command = checker->command,
                         .client = checker->client,
                         .arena = arena,
                         .sides = &checker->sides,
                         .code = CODE_FINE };
    int64_t pause_ms = PAUSE_FIRST_MS;
    for (int looks = 0; looks < checker->looks && !process_interrupted(); looks++) {
        if (looks > 0) {
            process_sleep_ms(pause_ms);
            pause_ms = pause_ms * 2 < PAUSE_LONGEST_MS ? pause_ms * 2 : PAUSE_LONGEST_MS;
        }
        *out_difference = look_once(&look, entries, count);
        if (look.code != CODE_FINE || out_difference->verdict == VERDICT_SAME ||
            out_difference->verdict == VERDICT_LEFT_OUT) {
            break;
        }
    }
    return look.code;
}
