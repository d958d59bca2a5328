/*
 * Document paths: from an item to a value, from a path to the text AWS shows for it, and whether
 * two paths can stand in one expression. Paths are resolved (api/expression/ast.h).
 */

#ifndef REHEARSEDB_API_EXPRESSION_PATH_H
#define REHEARSEDB_API_EXPRESSION_PATH_H

#include "api/expression/ast.h"

struct arena;

/* The path to a whole top-level attribute; borrows the name. */
struct document_path path_of_name(struct arena *arena, struct bytes name);

/*
 * The value at `path`, borrowed from `item` (storage/value/item_codec.h; no data when there is no
 * item). False when a part is missing or not of the type the path wants.
 */
bool path_find(const struct document_path *path,
               struct bytes item,
               struct attribute_value *out_value);

bool path_equal(const struct document_path *left, const struct document_path *right);

/* <0, 0 or >0: names by bytes, indexes by number, names before indexes. */
int path_element_compare(const struct path_element *left, const struct path_element *right);

/* <0, 0 or >0, element by element; a path comes right before those it leads to. */
int path_compare(const struct document_path *left, const struct document_path *right);

enum path_relation {
    PATHS_APART,
    PATHS_OVERLAP,  /* equal, or one leads through the other: a.b and a.b[0] */
    PATHS_CONFLICT, /* they part where one wants a map and the other a list: a.b and a[0] */
};

enum path_relation path_relate(const struct document_path *left, const struct document_path *right);

/* "[a, b, [0]]", as in AWS's messages. */
struct bytes path_text(struct arena *arena, const struct document_path *path);

/* Attribute names, each once, in an order that the maker chooses. */
struct attribute_names {
    const struct bytes *names;
    size_t count;
};

/* Sorts `names` in place, ascending (bytes_compare), and drops what is there twice. */
struct attribute_names attribute_names_of(struct bytes *names, size_t count);

#endif
