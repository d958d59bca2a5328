/*
 * Forms, as the AWS Query protocol sends them: name=value pairs with '&' between them, percent
 * encoded; members of structures and lists have dotted names, "Dimensions.member.1.Name". And the
 * same as JSON, so that what follows is the same for every protocol.
 *
 * Source: "AWS Query protocol" of the Smithy specification.
 */

#ifndef REHEARSEDB_API_PROTOCOL_FORM_H
#define REHEARSEDB_API_PROTOCOL_FORM_H

#include "storage/base/bytes.h"

struct arena;
struct shape;

enum { FORM_PAIRS_MAX = 20000 };

struct form_pair {
    struct bytes name;
    struct bytes value;
};

/* In the arena that form_parse was given. */
struct form {
    struct form_pair *pairs; /* ascending by name */
    size_t count;
};

/* %XX is a byte, '+' a blank; a '%' without two digits stands for itself. In the arena. */
struct bytes form_decode(struct arena *arena, struct bytes text);

/* The same of a path, where '+' stands for itself. */
struct bytes form_decode_path(struct arena *arena, struct bytes text);

/* form -> [ name [ "=" value ] { "&" name [ "=" value ] } ]; false when there are too many. */
bool form_parse(struct arena *arena, struct bytes text, struct form *out_form);

/* The value of that name; data NULL: there is none. Of several the first sent. */
struct bytes form_find(const struct form *form, struct bytes name);

/*
 * The members of the structure that the form has, as a JSON object. Texts that are no number,
 * boolean or time where the shape wants one become JSON strings, for the check of types to find. A
 * time is ISO 8601 and becomes seconds since 1970.
 */
struct bytes form_to_json(struct arena *arena, const struct form *form, const struct shape *shape);

#endif
