/*
 * Random definitions and writes against a model: a table and its indexes are made, changed, read
 * and deleted while the clock is moved by hand and the server is now and then opened anew. The
 * model says of every request how it ends, and after it which status everything has; an index that
 * is ACTIVE holds what its projection makes of the table's items, any other cannot be read.
 */

#include "api/json.h"
#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"
#include "tests/support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY_MS INT64_C(86400000)

enum {
    OPERATIONS = 500,
    INDEXES = 4,    /* by their place: names by0 to by3 */
    ATTRIBUTES = 3, /* a, b, c: what an index may be over */
    ITEMS = 10,     /* p0 to p9 */
    UNITS_FIRST = 10,
};

/* How a request ends. */
enum outcome { ACCEPTED, BUSY, LIMITED, INVALID_INPUT, MISSING };

static const char *const TYPES[] = {
    [BUSY] = IN_USE,
    [LIMITED] = LIMIT,
    [INVALID_INPUT] = VALIDATION,
    [MISSING] = NOT_FOUND,
};

enum phase { ABSENT, CREATED_WITH_TABLE, ALLOCATING, BACKFILLING, ACTIVE, DELETING };

struct model_index {
    enum phase phase;
    int64_t phase_end;
    int64_t update_end; /* 0: none is under way, here and below */
    int attribute;
    bool has_everything; /* projection ALL, not KEYS_ONLY */
    int units;
};

struct model_item {
    bool exists;
    char values[ATTRIBUTES]; /* 0: absent */
};

struct model_table {
    enum phase phase; /* ABSENT, CREATED_WITH_TABLE, ACTIVE, DELETING */
    int64_t phase_end;
    bool is_on_demand;
    int units;
    int64_t throughput_end;
    bool has_stream;
    int64_t stream_end;
    bool is_infrequent;
    int64_t class_end;
    int64_t class_changes[2]; /* when the last two were done; 0: never */
    struct model_index indexes[INDEXES];
    struct model_item items[ITEMS];
};

struct model {
    struct api_fixture fixture;
    struct random random;
    int64_t now;
    struct model_table table;
};

/* ---- time ---- */

static void settle_index(struct model_index *index, int64_t now)
{
    if (index->update_end != 0 && index->update_end <= now) {
        index->update_end = 0;
    }
    if (index->phase == ABSENT || index->phase == ACTIVE || index->phase_end > now) {
        return;
    }
    if (index->phase == ALLOCATING) {
        index->phase = BACKFILLING;
        index->phase_end = now + INDEX_BACKFILL_MS;
    } else {
        index->phase = index->phase == DELETING ? ABSENT : ACTIVE;
    }
}

static void settle(struct model *model)
{
    if (model->table.phase == DELETING && model->table.phase_end <= model->now) {
        model->table = (struct model_table){ .units = UNITS_FIRST };
    }
    if (model->table.phase == CREATED_WITH_TABLE && model->table.phase_end <= model->now) {
        model->table.phase = ACTIVE;
    }
    if (model->table.throughput_end <= model->now) {
        model->table.throughput_end = 0;
    }
    if (model->table.stream_end <= model->now) {
        model->table.stream_end = 0;
    }
    if (model->table.class_end != 0 && model->table.class_end <= model->now) {
        model->table.class_end = 0;
        model->table.is_infrequent = !model->table.is_infrequent;
        model->table.class_changes[0] = model->table.class_changes[1];
        model->table.class_changes[1] = model->now;
    }
    for (size_t i = 0; i < INDEXES; i++) {
        settle_index(&model->table.indexes[i], model->now);
    }
}

static void advance(struct model *model)
{
    static const int64_t STEPS[] = { 1, 50, 120, 250, 400, 700, 1000, 9 * DAY_MS };
    int64_t by_ms = STEPS[random_below(&model->random, sizeof STEPS / sizeof *STEPS)];
    api_fixture_advance(&model->fixture, by_ms);
    model->now += by_ms;
    settle(model);
}

/* Its clock begins anew and is put where it was. */
static void restart(struct model *model)
{
    api_fixture_reopen(&model->fixture);
    api_fixture_advance(&model->fixture, model->now);
}

/* ---- what is admitted ---- */

static bool any_index(const struct model *model, enum phase phase)
{
    for (size_t i = 0; i < INDEXES; i++) {
        if (model->table.indexes[i].phase == phase) {
            return true;
        }
    }
    return false;
}

static bool is_unsettled(const struct model *model)
{
    return model->table.throughput_end != 0 || model->table.stream_end != 0 ||
           model->table.class_end != 0;
}

/* Of the table's own changes all but one stand in each other's way, and indexes that come or go. */
static enum outcome admit_change(const struct model *model)
{
    if (model->table.phase != ACTIVE) {
        return model->table.phase == ABSENT ? MISSING : BUSY;
    }
    bool moves = any_index(model, ALLOCATING) || any_index(model, DELETING);
    return moves || is_unsettled(model) ? BUSY : ACCEPTED;
}

/* At most one index comes or goes; `except` is the one to be deleted. */
static bool another_moves(const struct model *model, const struct model_index *except)
{
    bool moves = false;
    for (size_t i = 0; i < INDEXES; i++) {
        const struct model_index *index = &model->table.indexes[i];
        moves =
            moves || (index != except && (index->phase == ALLOCATING ||
                                          index->phase == BACKFILLING || index->phase == DELETING));
    }
    return moves;
}

static enum outcome admit_create(const struct model *model, const struct model_index *index)
{
    if (model->table.phase != ACTIVE) {
        return model->table.phase == ABSENT ? MISSING : BUSY;
    }
    if (index->phase != ABSENT && index->phase != ACTIVE) {
        return BUSY;
    }
    if (another_moves(model, NULL)) {
        return LIMITED;
    }
    if (is_unsettled(model)) {
        return BUSY;
    }
    return index->phase == ABSENT ? ACCEPTED : INVALID_INPUT;
}

static enum outcome admit_delete(const struct model *model, const struct model_index *index)
{
    if (model->table.phase != ACTIVE) {
        return model->table.phase == ABSENT ? MISSING : BUSY;
    }
    if (index->phase == ALLOCATING || index->phase == DELETING || index->update_end != 0) {
        return BUSY;
    }
    if (another_moves(model, index)) {
        return LIMITED;
    }
    if (is_unsettled(model)) {
        return BUSY;
    }
    return index->phase == ABSENT ? MISSING : ACCEPTED;
}

static enum outcome admit_update(const struct model *model, const struct model_index *index)
{
    if (model->table.phase != ACTIVE) {
        return model->table.phase == ABSENT ? MISSING : BUSY;
    }
    if (index->phase == ABSENT) {
        return MISSING;
    }
    bool is_there = index->phase == ACTIVE || index->phase == BACKFILLING;
    return is_there && index->update_end == 0 ? ACCEPTED : BUSY;
}

static enum outcome admit_delete_table(const struct model *model)
{
    if (model->table.phase != ACTIVE) {
        return model->table.phase == ABSENT ? MISSING : BUSY;
    }
    bool is_busy = is_unsettled(model);
    for (size_t i = 0; i < INDEXES; i++) {
        const struct model_index *index = &model->table.indexes[i];
        is_busy =
            is_busy || (index->phase != ABSENT && index->phase != ACTIVE) || index->update_end != 0;
    }
    return is_busy ? BUSY : ACCEPTED;
}

/* ---- requests ---- */

/* Sends it; it must end as the model says. True: it was accepted. */
static bool
ask(struct model *model, const char *operation, const char *request, enum outcome expected)
{
    struct api_reply reply = call(&model->fixture, operation, request);
    bool as_expected = expected == ACCEPTED ? reply.status == 200 : reply.status == 400;
    if (as_expected && expected != ACCEPTED) {
        struct bytes type = json_text(&model->fixture.arena, json_member(reply.json, "__type"));
        as_expected = bytes_equal(type, bytes_of_text(TYPES[expected]));
    }
    if (!as_expected) {
        fail_msg("at %lld %s %s\nis answered %d %.*s\nwhere the model says %s",
                 (long long)model->now, operation, request, reply.status,
                 BYTES_ARGUMENTS(reply.body), expected == ACCEPTED ? "200" : TYPES[expected]);
    }
    return expected == ACCEPTED;
}

static const char *units_text(struct model *model, int units)
{
    return api_fixture_text(&model->fixture, "," UNITS("%d", "%d"), units, units);
}

static const char *index_text(struct model *model,
                              const struct model_table *table,
                              size_t place,
                              const struct model_index *index)
{
    return api_fixture_text(
        &model->fixture,
        "'IndexName':'by%zu'," KEY(HASH("%c")) ",'Projection':{'ProjectionType':'%s'}%s", place,
        'a' + index->attribute, index->has_everything ? "ALL" : "KEYS_ONLY",
        table->is_on_demand ? "" : units_text(model, index->units));
}

static struct model_index random_index(struct model *model)
{
    return (struct model_index){ .attribute = (int)random_below(&model->random, ATTRIBUTES),
                                 .has_everything = random_once_in(&model->random, 2),
                                 .units = UNITS_FIRST };
}

static const char *definitions_text(struct model *model, const struct model_table *table)
{
    const char *text = S("pk");
    for (int attribute = 0; attribute < ATTRIBUTES; attribute++) {
        bool is_used = false;
        for (size_t i = 0; i < INDEXES; i++) {
            is_used = is_used || (table->indexes[i].phase != ABSENT &&
                                  table->indexes[i].attribute == attribute);
        }
        if (is_used) {
            text = api_fixture_text(&model->fixture, "%s," S("%c"), text, 'a' + attribute);
        }
    }
    return text;
}

/* Some of the indexes; gives their list. */
static const char *plan_indexes(struct model *model, struct model_table *table)
{
    const char *list = "";
    for (size_t i = 0; i < INDEXES; i++) {
        if (random_once_in(&model->random, 3)) {
            table->indexes[i] = random_index(model);
            table->indexes[i].phase = CREATED_WITH_TABLE;
            list = api_fixture_text(&model->fixture, "%s%s{%s}", list, *list != '\0' ? "," : "",
                                    index_text(model, table, i, &table->indexes[i]));
        }
    }
    return list;
}

static void create_random_table(struct model *model)
{
    struct model_table next = { .phase = CREATED_WITH_TABLE,
                                .is_on_demand = random_once_in(&model->random, 2),
                                .units = UNITS_FIRST };
    const char *indexes = plan_indexes(model, &next);
    bool has_indexes = *indexes != '\0';
    next.phase_end = model->now + (has_indexes ? TABLE_CREATE_INDEXED_MS : TABLE_CREATE_MS);
    for (size_t i = 0; i < INDEXES; i++) {
        next.indexes[i].phase_end = next.phase_end;
    }
    const char *request = api_fixture_text(
        &model->fixture, "{'TableName':'Tab'," DEFINE("%s") "," KEY(HASH("pk")) "%s%s}",
        definitions_text(model, &next),
        next.is_on_demand ? "," ON_DEMAND : units_text(model, UNITS_FIRST),
        has_indexes ? api_fixture_text(&model->fixture, "," GSIS("%s"), indexes) : "");
    if (ask(model, "CreateTable", request, model->table.phase == ABSENT ? ACCEPTED : BUSY)) {
        model->table = next;
    }
}

static void delete_table(struct model *model)
{
    if (ask(model, "DeleteTable", TAB_ALONE, admit_delete_table(model))) {
        model->table.phase = DELETING;
        model->table.phase_end = model->now + TABLE_DELETE_MS;
    }
}

static void create_index(struct model *model, size_t place)
{
    struct model_index next = random_index(model);
    const char *request = api_fixture_text(
        &model->fixture, "{'TableName':'Tab'," DEFINE(S("%c")) "," UPDATES("{'Create':{%s}}") "}",
        'a' + next.attribute, index_text(model, &model->table, place, &next));
    if (ask(model, "UpdateTable", request, admit_create(model, &model->table.indexes[place]))) {
        next.phase = ALLOCATING;
        next.phase_end = model->now + INDEX_ALLOCATE_MS;
        model->table.indexes[place] = next;
    }
}

static void delete_index(struct model *model, size_t place)
{
    struct model_index *index = &model->table.indexes[place];
    const char *request = api_fixture_text(
        &model->fixture, "{'TableName':'Tab'," UPDATES("{'Delete':{'IndexName':'by%zu'}}") "}",
        place);
    if (ask(model, "UpdateTable", request, admit_delete(model, index))) {
        index->phase = DELETING;
        index->phase_end = model->now + INDEX_DELETE_MS;
    }
}

static void update_index(struct model *model, size_t place)
{
    struct model_index *index = &model->table.indexes[place];
    const char *change =
        model->table.is_on_demand ? "," MAX("5", "5") : units_text(model, index->units + 1);
    const char *request = api_fixture_text(
        &model->fixture, "{'TableName':'Tab'," UPDATES("{'Update':{'IndexName':'by%zu'%s}}") "}",
        place, change);
    if (ask(model, "UpdateTable", request, admit_update(model, index))) {
        index->update_end = model->now + INDEX_UPDATE_MS;
        index->units++;
    }
}

static void update_throughput(struct model *model)
{
    bool is_same = random_once_in(&model->random, 3);
    enum outcome expected = admit_change(model);
    if (expected == ACCEPTED && (model->table.is_on_demand || is_same)) {
        expected = INVALID_INPUT;
    }
    int units = is_same ? model->table.units : model->table.units + 1;
    if (ask(model, "UpdateTable",
            api_fixture_text(&model->fixture, "{'TableName':'Tab'%s}", units_text(model, units)),
            expected)) {
        model->table.units = units;
        model->table.throughput_end = model->now + TABLE_UPDATE_MS;
    }
}

static void update_stream(struct model *model)
{
    bool is_wanted = random_once_in(&model->random, 2);
    enum outcome expected = admit_change(model);
    if (expected == ACCEPTED && is_wanted == model->table.has_stream) {
        expected = INVALID_INPUT;
    }
    if (ask(model, "UpdateTable", is_wanted ? TAB(STREAM("KEYS_ONLY")) : TAB(NO_STREAM),
            expected)) {
        model->table.has_stream = is_wanted;
        model->table.stream_end = model->now + STREAM_UPDATE_MS;
    }
}

static void update_class(struct model *model)
{
    bool is_wanted = random_once_in(&model->random, 2);
    enum outcome expected = admit_change(model);
    if (expected == ACCEPTED && model->table.class_changes[0] != 0 &&
        model->now - model->table.class_changes[0] < 30 * DAY_MS) {
        expected = LIMITED;
    }
    if (!ask(model, "UpdateTable", is_wanted ? TAB(INFREQUENT) : TAB(CLASS("STANDARD")),
             expected) ||
        is_wanted == model->table.is_infrequent) {
        return;
    }
    model->table.class_end = model->now + TABLE_CLASS_MS;
    for (size_t i = 0; i < INDEXES; i++) {
        struct model_index *index = &model->table.indexes[i];
        if ((index->phase == ACTIVE || index->phase == BACKFILLING) && index->update_end == 0) {
            index->update_end = model->table.class_end;
        }
    }
}

static void write_item(struct model *model)
{
    size_t place = random_below(&model->random, ITEMS);
    struct model_item next = { .exists = !random_once_in(&model->random, 4) };
    const char *attributes = "";
    for (int i = 0; i < ATTRIBUTES; i++) {
        if (!random_once_in(&model->random, 3)) {
            next.values[i] = (char)('0' + random_below(&model->random, 3));
            attributes = api_fixture_text(&model->fixture, "%s,'%c':{'S':'%c'}", attributes,
                                          'a' + i, next.values[i]);
        }
    }
    const char *key = api_fixture_text(&model->fixture, "'pk':{'S':'p%zu'}", place);
    enum outcome expected = model->table.phase == ACTIVE ? ACCEPTED : MISSING;
    bool written =
        next.exists ? ask(model, "PutItem",
                          api_fixture_text(&model->fixture, "{'TableName':'Tab','Item':{%s%s}}",
                                           key, attributes),
                          expected)
                    : ask(model, "DeleteItem",
                          api_fixture_text(&model->fixture, "{'TableName':'Tab','Key':{%s}}", key),
                          expected);
    if (written) {
        model->table.items[place] = next;
    }
}

/* ---- what is described and read ---- */

static const char *table_status(const struct model *model)
{
    if (model->table.phase == CREATED_WITH_TABLE) {
        return "'CREATING'";
    }
    if (model->table.phase == DELETING) {
        return "'DELETING'";
    }
    bool is_updating =
        is_unsettled(model) || any_index(model, ALLOCATING) || any_index(model, DELETING);
    return is_updating ? "'UPDATING'" : "'ACTIVE'";
}

static const char *index_status(const struct model_index *index)
{
    if (index->phase == DELETING) {
        return "'DELETING'";
    }
    if (index->update_end != 0) {
        return "'UPDATING'";
    }
    return index->phase == ACTIVE ? "'ACTIVE'" : "'CREATING'";
}

static const struct cJSON *
find_described(struct model *model, const struct cJSON *table, const char *name)
{
    const struct cJSON *list = json_at(table, "GlobalSecondaryIndexes");
    for (const struct cJSON *one = list != NULL ? json_first(list) : NULL; one != NULL;
         one = json_next(one)) {
        struct bytes found = json_text(&model->fixture.arena, json_member(one, "IndexName"));
        if (bytes_equal(found, bytes_of_text(name))) {
            return one;
        }
    }
    return NULL;
}

static void check_index_description(struct model *model, const struct cJSON *table, size_t place)
{
    const struct model_index *index = &model->table.indexes[place];
    const struct cJSON *found =
        find_described(model, table, api_fixture_text(&model->fixture, "by%zu", place));
    if (index->phase == ABSENT) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_member_is(&model->fixture, found, "IndexStatus", index_status(index));
    assert_member_is(&model->fixture, found, "Backfilling",
                     index->phase == ALLOCATING    ? "false"
                     : index->phase == BACKFILLING ? "true"
                                                   : NULL);
    if (index->update_end == 0 && !model->table.is_on_demand) {
        assert_member_is(&model->fixture, found, "ProvisionedThroughput.ReadCapacityUnits",
                         api_fixture_text(&model->fixture, "%d", index->units));
    }
}

static void check_description(struct model *model)
{
    if (model->table.phase == ABSENT) {
        (void)ask(model, "DescribeTable", TAB_ALONE, MISSING);
        return;
    }
    const struct cJSON *table =
        json_at(assert_accepted(&model->fixture, "DescribeTable", TAB_ALONE), "Table");
    assert_member_is(&model->fixture, table, "TableStatus", table_status(model));
    assert_member_is(&model->fixture, table, "StreamSpecification.StreamEnabled",
                     model->table.has_stream ? "true" : NULL);
    for (size_t i = 0; i < INDEXES; i++) {
        check_index_description(model, table, i);
    }
    /* a, b, c, pk: the order in which they are described, too */
    const char *others = definitions_text(model, &model->table) + strlen(S("pk"));
    assert_member_is(&model->fixture, table, "AttributeDefinitions",
                     api_fixture_text(&model->fixture, "[%s%s" S("pk") "]",
                                      *others != '\0' ? others + 1 : "",
                                      *others != '\0' ? "," : ""));
}

/* The item as an index with that projection has it, or the table itself (NULL). */
static const char *image(struct model *model, size_t place, const struct model_index *index)
{
    const struct model_item *item = &model->table.items[place];
    const char *text = api_fixture_text(&model->fixture, "{'pk':{'S':'p%zu'}", place);
    for (int i = 0; i < ATTRIBUTES; i++) {
        bool is_projected = index == NULL || index->has_everything || index->attribute == i;
        if (item->values[i] != 0 && is_projected) {
            text = api_fixture_text(&model->fixture, "%s,'%c':{'S':'%c'}", text, 'a' + i,
                                    item->values[i]);
        }
    }
    return api_fixture_text(&model->fixture, "%s}", text);
}

/* Of an index, or of the table itself (NULL). */
static void
check_content(struct model *model, const char *index_name, const struct model_index *index)
{
    const char *request =
        index != NULL
            ? api_fixture_text(&model->fixture, "{'TableName':'Tab','IndexName':'%s'}", index_name)
            : TAB_ALONE;
    const struct cJSON *reply = assert_accepted(&model->fixture, "Scan", request);
    const struct cJSON *found[ITEMS] = { NULL };
    size_t count = 0;
    for (const struct cJSON *one = json_first(json_member(reply, "Items")); one != NULL;
         one = json_next(one)) {
        struct bytes key = json_text(&model->fixture.arena, json_at(one, "pk.S"));
        assert_int_equal(key.length, 2);
        found[key.data[1] - '0'] = one;
        count++;
    }
    size_t expected = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        const struct model_item *item = &model->table.items[i];
        bool is_in = item->exists && (index == NULL || item->values[index->attribute] != 0);
        expected += is_in;
        assert_int_equal(found[i] != NULL, is_in);
        if (is_in) {
            assert_member_is(&model->fixture, found[i], "", image(model, i, index));
        }
    }
    assert_int_equal(count, expected);
}

static void check_contents(struct model *model)
{
    if (model->table.phase != ACTIVE) {
        (void)ask(model, "Scan", TAB_ALONE, MISSING);
        return;
    }
    check_content(model, NULL, NULL);
    for (size_t i = 0; i < INDEXES; i++) {
        const char *name = api_fixture_text(&model->fixture, "by%zu", i);
        if (model->table.indexes[i].phase == ACTIVE) {
            check_content(model, name, &model->table.indexes[i]);
        } else {
            (void)ask(
                model, "Scan",
                api_fixture_text(&model->fixture, "{'TableName':'Tab','IndexName':'%s'}", name),
                INVALID_INPUT);
        }
    }
}

/* ---- the test ---- */

static void do_something(struct model *model)
{
    size_t place = random_below(&model->random, INDEXES);
    switch (random_below(&model->random, 24)) {
    case 0:
    case 1:
        create_random_table(model);
        break;
    case 2:
        delete_table(model);
        break;
    case 3:
    case 4:
    case 5:
        create_index(model, place);
        break;
    case 6:
    case 7:
        delete_index(model, place);
        break;
    case 8:
    case 9:
        update_index(model, place);
        break;
    case 10:
        update_throughput(model);
        break;
    case 11:
        update_stream(model);
        break;
    case 12:
        update_class(model);
        break;
    case 13:
        restart(model);
        break;
    case 14:
    case 15:
    case 16:
    case 17:
    case 18:
        advance(model);
        break;
    default:
        write_item(model);
        break;
    }
}

static void definitions_agree_with_a_model(void **state)
{
    static struct model model;
    (void)state;
    model.table.units = UNITS_FIRST;
    random_start(&model.random, "definition_model");
    api_fixture_open_durable(&model.fixture);
    for (size_t i = 0; i < random_rounds(OPERATIONS); i++) {
        do_something(&model);
        check_description(&model);
        check_contents(&model);
        api_fixture_forget(&model.fixture);
    }
    api_fixture_close(&model.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definitions_agree_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
