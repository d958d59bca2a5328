#include "api/operations.h"
#include "api/tables/tags_input.h"

/* All tags fit one page, so there is never a NextToken, and one that is sent is ignored. */
static const struct member MEMBERS[] = {
    { "ResourceArn", &SHAPE_RESOURCE_ARN, REQUIRED },
    { "NextToken", &SHAPE_ANY_STRING, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("ListTagsOfResourceInput", MEMBERS);

static bool prepare(struct request *request)
{
    struct resource *resource = arena_alloc(request->arena, sizeof *resource);
    request->plan = resource;
    return resource_of_request(request, resource);
}

static bool run(struct request *request)
{
    struct tagged tagged;
    if (!tagged_find(request, request->plan, &tagged)) {
        return false;
    }
    struct json_writer *writer = &request->writer;
    struct tag_set tags = tags_seen(&tagged.state, request->now_ms);
    json_open_object(writer);
    json_write_key(writer, "Tags");
    json_open_array(writer);
    for (size_t i = 0; i < tags.count; i++) {
        json_open_object(writer);
        json_member_text(writer, "Key", tags.tags[i].key);
        json_member_text(writer, "Value", tags.tags[i].value);
        json_close_object(writer);
    }
    json_close_array(writer);
    json_close_object(writer);
    return true;
}

const struct operation OPERATION_LIST_TAGS_OF_RESOURCE = {
    .name = "ListTagsOfResource",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
