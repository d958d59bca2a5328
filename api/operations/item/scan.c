#include "api/index_lag.h"
#include "api/items/item_read.h"
#include "api/items/legacy_shapes.h"
#include "api/items/page_shapes.h"
#include "api/limits.h"
#include "api/operations.h"
#include "storage/items/indexes.h"

static const struct shape SEGMENT = { .kind = SHAPE_INTEGER,
                                      .range = { 0, LIMIT_SCAN_SEGMENTS - 1 } };
static const struct shape TOTAL_SEGMENTS = { .kind = SHAPE_INTEGER,
                                             .range = { 1, LIMIT_SCAN_SEGMENTS } };

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED },
    { "IndexName", &SHAPE_INDEX_NAME, OPTIONAL },
    { "AttributesToGet", &SHAPE_ATTRIBUTES_TO_GET, OPTIONAL },
    { "Limit", &SHAPE_PAGE_LIMIT, OPTIONAL },
    { "Select", &SHAPE_SELECT, OPTIONAL },
    { "ScanFilter", &SHAPE_CONDITIONS, OPTIONAL },
    { "ConditionalOperator", &SHAPE_CONDITIONAL_OPERATOR, OPTIONAL },
    { "ExclusiveStartKey", &SHAPE_ITEM, OPTIONAL },
    { "TotalSegments", &TOTAL_SEGMENTS, OPTIONAL },
    { "Segment", &SEGMENT, OPTIONAL },
    { "ProjectionExpression", &SHAPE_ANY_STRING, OPTIONAL },
    { "FilterExpression", &SHAPE_ANY_STRING, OPTIONAL },
    { "ExpressionAttributeNames", &SHAPE_STRING_MAP, OPTIONAL },
    { "ExpressionAttributeValues", &SHAPE_ITEM, OPTIONAL },
    { "ConsistentRead", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "ReturnConsumedCapacity", &SHAPE_RETURN_CONSUMED_CAPACITY, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("ScanInput", MEMBERS);

static bool check_segments(struct request *request)
{
    bool has_segment = request_has(request, "Segment");
    bool has_total = request_has(request, "TotalSegments");
    int64_t segment = request_integer(request, "Segment", 0);
    int64_t total = request_integer(request, "TotalSegments", 1);
    if (has_segment && !has_total) {
        return api_fail(
            request, API_VALIDATION,
            "The TotalSegments parameter is required but was not present in the request "
            "when Segment parameter is present");
    }
    if (has_total && !has_segment) {
        return api_fail(request, API_VALIDATION,
                        "The Segment parameter is required but was not present in the request when "
                        "parameter TotalSegments is present");
    }
    if (segment >= total) {
        return api_fail(request, API_VALIDATION,
                        "The Segment parameter is zero-based and must be less than parameter "
                        "TotalSegments: Segment: %lld is not less than TotalSegments: %lld",
                        (long long)segment, (long long)total);
    }
    return true;
}

static bool prepare(struct request *request)
{
    struct page_plan *plan = arena_alloc(request->arena, sizeof *plan);
    request->plan = plan;
    return page_prepare(request, &INPUT, check_segments, plan);
}

/* Stored keys from `low` (inclusive) to `high` (exclusive); no useful order but a stable one. */
struct scan_cursor {
    struct cursor cursor;
    struct bytes low;
    struct bytes high; /* data NULL: to the end */
    bool has_begun;
};

static bool next_entry(void *context, struct item_entry *out_entry)
{
    struct scan_cursor *scan = context;
    bool found = scan->has_begun
                     ? cursor_next(&scan->cursor, &out_entry->key, &out_entry->item)
                     : cursor_seek(&scan->cursor, scan->low, &out_entry->key, &out_entry->item);
    scan->has_begun = true;
    return found && (scan->high.data == NULL || bytes_compare(out_entry->key, scan->high) < 0);
}

/* Where segment `segment` of `total` begins among partition hashes: its first four bytes. */
static struct bytes segment_start(struct arena *arena, int64_t segment, int64_t total)
{
    if (segment == 0) {
        return BYTES("");
    }
    if (segment == total) {
        return (struct bytes){ NULL, 0 };
    }
    uint64_t start = (((uint64_t)segment << 32) + (uint64_t)total - 1) / (uint64_t)total;
    uint8_t *bytes = arena_alloc(arena, 4);
    for (size_t i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(start >> (24 - 8 * i));
    }
    return (struct bytes){ bytes, 4 };
}

static bool start_after(struct request *request,
                        const struct page_plan *plan,
                        const struct page_target *target,
                        struct scan_cursor *scan)
{
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    uint8_t item_hash[KEY_HASH_SIZE];
    uint8_t partition[KEY_HASH_SIZE];
    struct item_source sort_only = { .key = target->source.key };
    struct key key;
    if (!page_start_values(request, plan, target, false, values, item_hash)) {
        return false;
    }
    key_hash_partition(values, target->source.key->partition_count, partition);
    key_build(&key, partition, item_position(request->arena, &sort_only, values, NULL),
              target->index != NULL ? item_hash : NULL);
    struct bytes view = key_view(&key);
    if (bytes_compare(view, scan->low) < 0 ||
        (scan->high.data != NULL && bytes_compare(view, scan->high) >= 0)) {
        return api_fail(
            request, API_VALIDATION,
            "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
            "ExclusiveStartKey with correct Segment. TotalSegments: %lld Segment: %lld",
            (long long)request_integer(request, "TotalSegments", 1),
            (long long)request_integer(request, "Segment", 0));
    }
    scan->low =
        (struct bytes){ (const uint8_t *)bytes_to_text(request->arena, view), view.length + 1 };
    return true;
}

static bool run(struct request *request)
{
    const struct page_plan *plan = request->plan;
    struct page_target target;
    if (!page_find_target(request, plan, false, &target)) {
        return false;
    }
    int64_t segment = request_integer(request, "Segment", 0);
    int64_t total = request_integer(request, "TotalSegments", 1);
    struct scan_cursor scan = {
        .low = segment_start(request->arena, segment, total),
        .high = segment_start(request->arena, segment + 1, total),
    };
    if (plan->has_start && !start_after(request, plan, &target, &scan)) {
        return false;
    }
    struct index_lag_view view;
    index_lag_begin(request, &target, &view);
    cursor_open(view.txn, target.source.database, &scan.cursor);
    bool done = page_write(request, plan, &target, next_entry, &scan);
    cursor_close(&scan.cursor);
    index_lag_end(request, &view);
    return done;
}

const struct operation OPERATION_SCAN = {
    .name = "Scan",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
