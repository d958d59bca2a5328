/*
 * JSON of replies, and texts for requests: the tools' only owner of cJSON.
 *
 * A tree is freed by who parsed it; nodes and texts are borrowed from it. cJSON's strings end at a
 * zero byte: one inside a string ("\u0000") is the two bytes C0 80 in the tree, which well-formed
 * UTF-8 never has.
 */

#ifndef REHEARSEDB_TOOLS_CLIENT_JSON_H
#define REHEARSEDB_TOOLS_CLIENT_JSON_H

#include "storage/base/bytes.h"

struct cJSON;

/* NULL when the text is not JSON. */
struct cJSON *json_parse(struct bytes text);
void json_free(struct cJSON *tree);

/* The member of that name; NULL: absent, null, or `object` is no object. So look-ups chain. */
const struct cJSON *json_member(const struct cJSON *object, const char *name);

/* "a.b.0.c": members by name, elements by number. NULL: there is none. */
const struct cJSON *json_at(const struct cJSON *tree, const char *path);

/* A string's text, or `otherwise`. */
const char *json_text(const struct cJSON *node, const char *otherwise);
double json_number(const struct cJSON *node, double otherwise);
bool json_boolean(const struct cJSON *node); /* false for what is no boolean */

bool json_is_text(const struct cJSON *node);
bool json_is_number(const struct cJSON *node);
bool json_is_list(const struct cJSON *node);
bool json_is_object(const struct cJSON *node);

/* Elements or members in their order; the name of a member. */
const struct cJSON *json_first(const struct cJSON *container);
const struct cJSON *json_next(const struct cJSON *node);
size_t json_count(const struct cJSON *container);
const char *json_name(const struct cJSON *member);

/* Whether two trees say the same; members in any order. */
bool json_equal(const struct cJSON *left, const struct cJSON *right);

/* The tree as text, in the arena. */
struct bytes json_print(struct arena *arena, const struct cJSON *tree);

/* `text` between quotes, with everything escaped that JSON wants escaped. */
void json_append_text(struct buffer *to, const char *text);

#endif
