#include "api/items/item_read.h"

#include "api/attribute_json.h"
#include "api/expression/condition.h"
#include "api/expression/projection.h"
#include "api/items/admission.h"
#include "api/items/item_key.h"
#include "api/limits.h"
#include "storage/items/indexes.h"

bool item_read_one(struct request *request,
                   const struct consumed_capacity *capacity,
                   struct bytes key_item,
                   struct bytes *out_item,
                   bool *out_found)
{
    const struct table_definition *table = capacity->table;
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    struct key key;
    if (!key_check(request, table, key_item, values) || !admission_check(request, capacity, NULL)) {
        return false;
    }
    item_key_of_values(request->arena, &table->key, values, &key);
    *out_found = items_get(request->txn, table, &key, values, out_item);
    return true;
}

void item_write_reply(struct json_writer *writer,
                      struct bytes item,
                      const struct projection *projection)
{
    struct buffer *reply = json_write_value_begin(writer);
    if (projection != NULL) {
        struct buffer reduced;
        buffer_init(&reduced, reply->arena, item.length);
        item = projection_apply(projection, item, &reduced);
    }
    item_json_write(reply, item);
    json_write_value_end(writer);
}

/* ---- the page ---- */

struct page {
    size_t size_bytes;    /* read from the table or index, before the filter */
    size_t fetched_units; /* whole read units for items fetched from an LSI's table */
    int64_t scanned;
    int64_t matched;
    struct bytes last_item;
    bool is_cut; /* by Limit or size: there may be more */
};

/* The item of the table behind an entry of an LSI. */
static bool fetch_item(struct request *request,
                       const struct table_definition *table,
                       struct bytes entry,
                       struct bytes *out_item)
{
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    struct key key;
    if (!item_key_values(entry, &table->key, values)) {
        txn_fail(request->txn, STORAGE_CORRUPT);
        return false;
    }
    item_key_of_values(request->arena, &table->key, values, &key);
    return items_get(request->txn, table, &key, values, out_item);
}

static void read_page(struct request *request,
                      const struct page_plan *plan,
                      const struct page_target *target,
                      struct page *page,
                      page_next *next,
                      void *cursor)
{
    struct item_entry entry;
    const struct condition *filter = plan->expressions.filter;
    while (!page->is_cut && next(cursor, &entry)) {
        struct bytes item = entry.item;
        page->scanned++;
        page->size_bytes += item_size(item);
        page->last_item = item;
        page->is_cut = page->scanned >= plan->limit || page->size_bytes >= LIMIT_PAGE_BYTES;
        if (target->fetches && fetch_item(request, target->table, entry.item, &item)) {
            page->fetched_units += (size_t)capacity_read_units(item_size(item), true);
            page->is_cut |= page->size_bytes + page->fetched_units * 4096 >= LIMIT_PAGE_BYTES;
        }
        if (filter != NULL && !condition_evaluate(filter, item)) {
            continue;
        }
        page->matched++;
        if (plan->select != SELECT_COUNT) {
            item_write_reply(&request->writer, item, plan->expressions.projection);
        }
    }
}

/* The key attributes of table and index, with which the next page starts. */
static void
write_last_key(struct request *request, const struct page_target *target, struct bytes last_item)
{
    struct buffer key;
    buffer_init(&key, request->arena, 256);
    struct index_definition keys_only = { .key = *target->source.key };
    struct table_definition both = {
        .key = target->table->key,
        .index_count = 1,
        .indexes = &keys_only,
    };
    table_derive(&both, request->arena);
    json_write_key(&request->writer, "LastEvaluatedKey");
    struct buffer *reply = json_write_value_begin(&request->writer);
    item_json_write(reply,
                    item_project(&key, last_item, keys_only.projected, keys_only.projected_count));
    json_write_value_end(&request->writer);
}

static void count_capacity(struct request *request,
                           const struct page_plan *plan,
                           const struct page_target *target,
                           const struct page *page,
                           struct consumed_capacity *capacity)
{
    double units = capacity_read_units(page->size_bytes, plan->is_consistent);
    if (target->index != NULL) {
        capacity->index_units[target->index - target->table->indexes] = units;
        capacity->table_units = (double)page->fetched_units * (plan->is_consistent ? 1.0 : 0.5);
    } else {
        capacity->table_units = units;
    }
    capacity_write_member(request, capacity);
}

bool page_write(struct request *request,
                const struct page_plan *plan,
                const struct page_target *target,
                page_next *next,
                void *cursor)
{
    struct json_writer *writer = &request->writer;
    struct page page = { .last_item = { NULL, 0 } };
    struct consumed_capacity *capacity = capacity_start(request, target->table, UNITS_OF_READS);
    if (!admission_check(request, capacity, target->index)) {
        return false;
    }
    json_open_object(writer);
    if (plan->select != SELECT_COUNT) {
        json_write_key(writer, "Items");
        json_open_array(writer);
    }
    read_page(request, plan, target, &page, next, cursor);
    if (plan->select != SELECT_COUNT) {
        json_close_array(writer);
    }
    request->returns_items = true;
    request->items_returned = page.matched;
    json_member_integer(writer, "Count", page.matched);
    json_member_integer(writer, "ScannedCount", page.scanned);
    if (page.is_cut) {
        write_last_key(request, target, page.last_item);
    }
    count_capacity(request, plan, target, &page, capacity);
    json_close_object(writer);
    return true;
}
