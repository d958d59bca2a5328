#include "api/json.h"

#include "api/json_scan.h"
#include "storage/base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cjson/cJSON.h>

enum { PAIRWISE_MAX = 24 }; /* members compared each with each; more are sorted */

/* cJSON has process-wide hooks without a context argument, so the arena is found by thread. */
static _Thread_local struct arena *bound_arena;

static void *allocate(size_t size)
{
    assert(bound_arena != NULL);
    return arena_alloc(bound_arena, size);
}

static void release(void *memory)
{
    (void)memory; /* The arena frees everything at once. */
}

void json_install_hooks(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = allocate, .free_fn = release });
}

/* A member that a later one of the same name overrides loses its name, then its place. */
static void mark_overridden_pairwise(cJSON *object, bool *marked)
{
    for (cJSON *member = object->child; member != NULL; member = member->next) {
        for (const cJSON *later = member->next; later != NULL; later = later->next) {
            if (member->string[0] == later->string[0] &&
                strcmp(member->string, later->string) == 0) {
                member->string = NULL;
                *marked = true;
                break;
            }
        }
    }
}

struct placed_member {
    cJSON *member;
    size_t position;
};

static int compare_placed(const void *left, const void *right)
{
    const struct placed_member *one = left;
    const struct placed_member *other = right;
    int order = strcmp(one->member->string, other->member->string);
    if (order != 0) {
        return order;
    }
    return one->position < other->position ? -1 : 1;
}

static void mark_overridden_sorted(cJSON *object, size_t count, bool *marked)
{
    struct placed_member *placed = arena_alloc(bound_arena, count * sizeof *placed);
    size_t position = 0;
    for (cJSON *member = object->child; member != NULL; member = member->next) {
        placed[position] = (struct placed_member){ member, position };
        position++;
    }
    qsort(placed, count, sizeof *placed, compare_placed);
    for (size_t i = 0; i + 1 < count; i++) {
        if (strcmp(placed[i].member->string, placed[i + 1].member->string) == 0) {
            placed[i].member->string = NULL;
            *marked = true;
        }
    }
}

/* Only `next` is mended: trees are read from front to back and never changed again. */
static void unlink_marked(cJSON *object)
{
    cJSON **link = &object->child;
    while (*link != NULL) {
        if ((*link)->string == NULL) {
            *link = (*link)->next;
        } else {
            link = &(*link)->next;
        }
    }
}

/* Recursion is bounded by cJSON's limit of 1,000 levels. */
static void keep_last_of_each_name(cJSON *node)
{
    size_t count = 0;
    for (cJSON *child = node->child; child != NULL; child = child->next) {
        count++;
        if (child->child != NULL) {
            keep_last_of_each_name(child);
        }
    }
    if (!cJSON_IsObject(node) || count < 2) {
        return;
    }
    bool marked = false;
    if (count <= PAIRWISE_MAX) {
        mark_overridden_pairwise(node, &marked);
    } else {
        mark_overridden_sorted(node, count, &marked);
    }
    if (marked) {
        unlink_marked(node);
    }
}

static bool is_blank(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] > ' ') { /* the scan has left only the four white space characters */
            return false;
        }
    }
    return true;
}

bool json_parse(struct arena *arena, struct bytes text, const struct cJSON **out_document)
{
    bool has_zero;
    if (text.length == 0 || !json_scan(text, &has_zero)) {
        return false;
    }
    if (has_zero) {
        text = json_scan_hide_zeros(arena, text);
    }
    assert(bound_arena == NULL);
    bound_arena = arena;
    const char *stop = NULL;
    cJSON *document = cJSON_ParseWithLengthOpts((const char *)text.data, text.length, &stop, false);
    if (document != NULL) {
        size_t used = (size_t)((const uint8_t *)stop - text.data);
        struct bytes rest = { .data = text.data + used, .length = text.length - used };
        if (is_blank(rest)) {
            keep_last_of_each_name(document);
        } else {
            document = NULL;
        }
    }
    bound_arena = NULL;
    if (document == NULL) {
        return false;
    }
    *out_document = document;
    return true;
}

enum json_kind json_kind(const struct cJSON *node)
{
    switch (node->type & 0xFF) {
    case cJSON_False:
        return JSON_FALSE;
    case cJSON_True:
        return JSON_TRUE;
    case cJSON_Number:
        return JSON_NUMBER;
    case cJSON_String:
        return JSON_STRING;
    case cJSON_Array:
        return JSON_ARRAY;
    case cJSON_Object:
        return JSON_OBJECT;
    default:
        return JSON_NULL;
    }
}

/* The bytes C0 80 back to one zero byte; C0 occurs in no other place. */
static struct bytes show_zeros(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    struct bytes view = { .data = (const uint8_t *)text, .length = length };
    if (memchr(text, 0xC0, length + 1) == NULL) {
        return view;
    }
    uint8_t *shown = arena_alloc(arena, length);
    size_t shown_length = 0;
    for (size_t i = 0; i < length; i++) {
        if (view.data[i] == 0xC0) {
            shown[shown_length++] = 0;
            i++;
        } else {
            shown[shown_length++] = view.data[i];
        }
    }
    return (struct bytes){ .data = shown, .length = shown_length };
}

struct bytes json_text(struct arena *arena, const struct cJSON *string)
{
    assert(cJSON_IsString(string));
    return show_zeros(arena, string->valuestring);
}

struct bytes json_name(struct arena *arena, const struct cJSON *member)
{
    assert(member->string != NULL);
    return show_zeros(arena, member->string);
}

bool json_text_is(const struct cJSON *string, const char *text)
{
    assert(cJSON_IsString(string));
    return strcmp(string->valuestring, text) == 0;
}

bool json_text_is_in_any_case(const struct cJSON *string, const char *text)
{
    assert(cJSON_IsString(string));
    return strcasecmp(string->valuestring, text) == 0; /* the locale is C throughout */
}

bool json_name_is(const struct cJSON *member, const char *name)
{
    assert(member->string != NULL);
    return strcmp(member->string, name) == 0;
}

double json_number(const struct cJSON *number)
{
    assert(cJSON_IsNumber(number));
    return number->valuedouble;
}

int64_t json_integer(const struct cJSON *number)
{
    double value = json_number(number);
    if (value >= 0x1p63) {
        return INT64_MAX;
    }
    return value <= -0x1p63 ? INT64_MIN : (int64_t)value;
}

bool json_is_integral(const struct cJSON *number)
{
    double value = json_number(number);
    bool is_huge = value >= 0x1p53 || value <= -0x1p53; /* doubles that far out have no fraction */
    return is_huge || (double)(int64_t)value == value;
}

const struct cJSON *json_member(const struct cJSON *object, const char *name)
{
    if (object == NULL || !cJSON_IsObject(object)) {
        return NULL;
    }
    for (const cJSON *member = object->child; member != NULL; member = member->next) {
        if (json_name_is(member, name)) {
            return cJSON_IsNull(member) ? NULL : member;
        }
    }
    return NULL;
}

const struct cJSON *json_first(const struct cJSON *container)
{
    return container->child;
}

const struct cJSON *json_next(const struct cJSON *node)
{
    return node->next;
}

size_t json_count(const struct cJSON *container)
{
    size_t count = 0;
    for (const cJSON *node = container->child; node != NULL; node = node->next) {
        count++;
    }
    return count;
}
