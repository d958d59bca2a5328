#include "api/control/unknown.h"

#include "api/api_error.h"
#include "api/json.h"
#include "api/rehearsal/caller_text.h"

#include <string.h>

/* ---- members ---- */

static const struct member *find_member(const struct shape *shape, const struct cJSON *node)
{
    for (size_t i = 0; i < shape->members_count; i++) {
        if (json_name_is(node, shape->members[i].name)) {
            return &shape->members[i];
        }
    }
    return NULL;
}

static bool is_other_member(const struct shape *shape, const struct cJSON *node)
{
    return shape->other_member != NULL && json_name_is(node, shape->other_member);
}

static bool
fail_on_member(struct request *request, const struct shape *shape, const struct cJSON *node)
{
    struct bytes name = caller_text_show(request->arena, json_name(request->arena, node));
    struct buffer known;
    buffer_init(&known, request->arena, 128);
    for (size_t i = 0; i < shape->members_count; i++) {
        buffer_append_text(&known, i > 0 ? ", " : "");
        buffer_append_text(&known, shape->members[i].name);
    }
    if (shape->other_member != NULL) {
        buffer_append_text(&known, ", ");
        buffer_append_text(&known, shape->other_member);
    }
    struct bytes names = buffer_view(&known);
    return api_fail(request, API_VALIDATION, "%s has no member %.*s; its members are %.*s",
                    shape->name, BYTES_ARGUMENTS(name), BYTES_ARGUMENTS(names));
}

/* Recursion is bounded by the shape. Types are for shape_check. */
bool control_check_members(struct request *request,
                           const struct shape *shape,
                           const struct cJSON *body)
{
    bool is_list = shape->kind == SHAPE_LIST && json_kind(body) == JSON_ARRAY;
    bool is_structure = shape->kind == SHAPE_STRUCTURE && json_kind(body) == JSON_OBJECT;
    if (!is_list && !is_structure) {
        return true;
    }
    for (const struct cJSON *each = json_first(body); each != NULL; each = json_next(each)) {
        if (is_structure && is_other_member(shape, each)) {
            continue;
        }
        const struct member *member = is_structure ? find_member(shape, each) : NULL;
        if (is_structure && member == NULL) {
            return fail_on_member(request, shape, each);
        }
        if (!control_check_members(request, is_list ? shape->element : member->shape, each)) {
            return false;
        }
    }
    return true;
}

/* ---- the query ---- */

/* The text before the first `end`, or all; `text` is left with what follows that. */
static struct bytes take_until(struct bytes *text, struct bytes end)
{
    size_t length = 0;
    while (length + end.length <= text->length &&
           memcmp(text->data + length, end.data, end.length) != 0) {
        length++;
    }
    bool is_there = length + end.length <= text->length;
    size_t taken = is_there ? length : text->length;
    size_t skipped = is_there ? length + end.length : text->length;
    struct bytes before = { text->data, taken };
    *text = (struct bytes){ text->data + skipped, text->length - skipped };
    return before;
}

static bool is_known(struct bytes name, struct bytes known)
{
    bool found = false;
    while (known.length > 0 && !found) {
        found = bytes_equal(take_until(&known, BYTES(", ")), name);
    }
    return found;
}

bool control_check_query(struct request *request, struct bytes query, struct bytes known)
{
    while (query.length > 0) {
        struct bytes pair = take_until(&query, BYTES("&"));
        struct bytes name = take_until(&pair, BYTES("="));
        if (name.length > 0 && !is_known(name, known)) {
            struct bytes shown = caller_text_show(request->arena, name);
            return known.length > 0 ? api_fail(request, API_VALIDATION,
                                               "There is no %.*s in the query; it may have %.*s",
                                               BYTES_ARGUMENTS(shown), BYTES_ARGUMENTS(known))
                                    : api_fail(request, API_VALIDATION,
                                               "There is no %.*s in the query; it is empty here",
                                               BYTES_ARGUMENTS(shown));
        }
    }
    return true;
}
