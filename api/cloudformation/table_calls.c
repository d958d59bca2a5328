#include "api/cloudformation/table_calls.h"

#include "storage/base/arena.h"

#include <string.h>

enum { TEXT_SIZE_FIRST = 256 };

struct bytes
table_call_input(struct arena *arena, struct call *call, const struct table_state *state)
{
    struct buffer input;
    for (size_t i = 0; i < call->member_count; i++) {
        if (call->members[i].kind == MEMBER_ARN && call->members[i].text == NULL) {
            call->members[i].text = state->arn;
        }
    }
    buffer_init(&input, arena, TEXT_SIZE_FIRST);
    calls_append_input(&input, call);
    return buffer_view(&input);
}

static const char *member_text(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->member_count; i++) {
        if (strcmp(call->members[i].name, name) == 0) {
            return call->members[i].text;
        }
    }
    return "";
}

enum index_call table_call_of_index(const struct call *call)
{
    if (strncmp(member_text(call, "GlobalSecondaryIndexUpdates"), "[{\"Create\"", 10) == 0) {
        return INDEX_CALL_CREATE;
    }
    return call->wait == CALL_WAIT_INDEX_GONE ? INDEX_CALL_DELETE : INDEX_CALL_NONE;
}

bool table_call_is_so(const struct call *call, const struct table_state *state)
{
    if (strcmp(call->operation, "CreateTable") == 0) {
        return state->exists;
    }
    enum index_call index_call = table_call_of_index(call);
    bool has_index = index_call != INDEX_CALL_NONE && table_state_index(state, call->index) != NULL;
    return index_call == INDEX_CALL_CREATE ? has_index
                                           : index_call == INDEX_CALL_DELETE && !has_index;
}

bool table_call_takes_back(const struct call *call, const struct call_list *made, size_t count)
{
    for (size_t i = 0; i < count && i < made->count; i++) {
        const struct call *other = &made->items[i];
        bool has_same_index = (call->index == NULL) == (other->index == NULL) &&
                              (call->index == NULL || strcmp(call->index, other->index) == 0);
        if (strcmp(call->operation, other->operation) == 0 && has_same_index &&
            strcmp(call->members[call->member_count - 1].name,
                   other->members[other->member_count - 1].name) == 0) {
            return true;
        }
    }
    return false;
}
