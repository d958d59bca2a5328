#include "api/limits.h"
#include "api/operations.h"
#include "api/shape.h"
#include "api/tables/insights_input.h"

#include <string.h>

static const struct shape MAX_RESULTS = { .kind = SHAPE_INTEGER,
                                          .range = { 1, LIMIT_LIST_INSIGHTS } };
static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, OPTIONAL },
    { "NextToken", &SHAPE_ANY_STRING, OPTIONAL },
    { "MaxResults", &MAX_RESULTS, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("ListContributorInsightsInput", MEMBERS);

/* A page being written: what is enabled or on its way, after the place the token tells. */
struct page {
    struct request *request;
    size_t room;
    bool is_after_token; /* of a token: its place has been passed */
    struct bytes last;   /* the place of the last entry written */
    bool has_more;
};

/* "TABLE/INDEX": neither holds a '/'. Also the token. */
static struct bytes place_of(struct arena *arena, struct bytes table, struct bytes index)
{
    struct buffer place;
    buffer_init(&place, arena, table.length + 1 + index.length);
    buffer_append_bytes(&place, table);
    buffer_append_u8(&place, '/');
    buffer_append_bytes(&place, index);
    return buffer_view(&place);
}

static void write_entry(struct page *page, struct bytes table, const struct insights *insights)
{
    struct request *request = page->request;
    enum insights_status status = insights_status(insights, request->now_ms);
    struct bytes place = place_of(request->arena, table, insights->index_name);
    if (!page->is_after_token) {
        page->is_after_token = bytes_equal(place, request_text(request, "NextToken"));
        return;
    }
    if (status == INSIGHTS_DISABLED) {
        return;
    }
    if (page->room == 0) {
        page->has_more = true;
        return;
    }
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    insights_write_target(writer, table, insights->index_name);
    json_member_text(writer, "ContributorInsightsStatus",
                     bytes_of_text(insights_status_name(status)));
    json_member_text(writer, "ContributorInsightsMode",
                     bytes_of_text(insights_mode_name(insights->mode)));
    json_close_object(writer);
    page->room--;
    page->last = place;
}

static void write_table(struct page *page, struct bytes table, const struct insights_list *list)
{
    for (size_t i = 0; i < list->count && !page->has_more; i++) {
        write_entry(page, table, &list->entries[i]);
    }
}

/* All tables of the caller's world, in order of name. */
static void write_tables(struct page *page)
{
    struct request *request = page->request;
    struct insights_list list;
    struct bytes table = request->world;
    while (!page->has_more && insights_next(request->txn, request->arena, table, &table, &list) &&
           bytes_start_with(table, request->world)) {
        struct bytes name = { table.data + request->world.length,
                              table.length - request->world.length };
        if (memchr(name.data, WORLD_SEPARATOR, name.length) == NULL) { /* of no other world */
            write_table(page, name, &list);
        }
    }
}

static bool run(struct request *request)
{
    struct page page = {
        .request = request,
        .room = (size_t)request_integer(request, "MaxResults", LIMIT_LIST_INSIGHTS),
        .is_after_token = !request_has(request, "NextToken"),
    };
    const struct table_definition *table = NULL;
    if (request_has(request, "TableName")) {
        table = request_table(request, request_table_name(request));
        if (table == NULL) {
            return false;
        }
    }
    json_open_object(&request->writer);
    json_write_key(&request->writer, "ContributorInsightsSummaries");
    json_open_array(&request->writer);
    if (table != NULL) {
        struct insights_list list =
            insights_find(request->txn, request->arena, table->qualified_name);
        write_table(&page, table->name, &list);
    } else {
        write_tables(&page);
    }
    json_close_array(&request->writer);
    if (page.has_more) {
        json_member_text(&request->writer, "NextToken", page.last);
    }
    json_close_object(&request->writer);
    return true;
}

const struct operation OPERATION_LIST_CONTRIBUTOR_INSIGHTS = {
    .name = "ListContributorInsights",
    .access = ACCESS_READ,
    .input = &INPUT,
    .run = run,
};
