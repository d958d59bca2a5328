/*
 * Requests as trees: the only owner of cJSON.
 *
 * A tree and all its texts live in the arena given to json_parse; nothing is freed alone. Trees are
 * read-only once parsed, so any thread that owns the arena may read them.
 *
 * What json_parse promises beyond cJSON, checked before and after it (cJSON alone would let it
 * pass): the text is well-formed UTF-8; strings hold no raw control characters and no lone
 * surrogates; nothing but white space follows the value; at most 1,000 levels; and no object has a
 * name twice: of members with the same name the last one is kept, as by the service's parser
 * (Jackson).
 *
 * Inside the tree a zero byte of a string ("\u0000") is the two bytes C0 80, which cannot occur in
 * well-formed UTF-8. json_text and json_name turn it back; nothing else sees it.
 */

#ifndef REHEARSEDB_API_JSON_H
#define REHEARSEDB_API_JSON_H

#include "storage/base/bytes.h"

struct arena;
struct cJSON;

/* Before the first json_parse, once per process. */
void json_install_hooks(void);

/* False, and nothing written, when `text` is not one JSON value. */
bool json_parse(struct arena *arena, struct bytes text, const struct cJSON **out_document);

enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

enum json_kind json_kind(const struct cJSON *node);

/* A string's text: a view into the tree; a copy in `arena` only when it holds a zero byte. */
struct bytes json_text(struct arena *arena, const struct cJSON *string);

/* The same for the name of an object's member. */
struct bytes json_name(struct arena *arena, const struct cJSON *member);

/* Whether the string, or the member's name, is that text, which has no zero byte. No copy. */
bool json_text_is(const struct cJSON *string, const char *text);
bool json_text_is_in_any_case(const struct cJSON *string, const char *text); /* ASCII letters */
bool json_name_is(const struct cJSON *member, const char *name);

double json_number(const struct cJSON *number);

/* A number cut towards zero, held within the range of int64_t. */
int64_t json_integer(const struct cJSON *number);

/* Whether the number has no fraction. */
bool json_is_integral(const struct cJSON *number);

/*
 * The member of that name (case-sensitive), or NULL when it is absent or null: on the wire of
 * DynamoDB null means absent. NULL for an object that is NULL itself or no object, so that look-ups
 * chain.
 */
const struct cJSON *json_member(const struct cJSON *object, const char *name);

/* Elements or members, in the order sent; NULL at the end. JSON null is a node like others here.
 *
 *     for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) …
 */
const struct cJSON *json_first(const struct cJSON *container);
const struct cJSON *json_next(const struct cJSON *node);
size_t json_count(const struct cJSON *container);

#endif
