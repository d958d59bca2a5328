/*
 * A document as a tree, whatever it was written in: JSON or YAML.
 *
 * Nodes and texts live in the arena that they were read into; nothing is freed alone. A tree is
 * read-only once it is complete. What a template leaves to a deployment, and cannot be resolved
 * here, is a node of its own kind with the reason as its text.
 */

#ifndef REHEARSEDB_API_TEMPLATE_NODE_H
#define REHEARSEDB_API_TEMPLATE_NODE_H

#include "storage/base/bytes.h"

struct arena;

enum node_kind {
    NODE_NULL,
    NODE_SCALAR, /* a string, a number or a boolean; `text` is as written */
    NODE_LIST,
    NODE_MAP,
    NODE_UNKNOWN, /* `text` says why */
};

struct node {
    enum node_kind kind;
    bool is_string;     /* of a scalar: "5" and not 5 */
    const char *name;   /* as a member of a map */
    const char *text;   /* never NULL for a scalar or what is unknown */
    struct node *first; /* elements or members in their order */
    struct node *last;
    struct node *next;
};

enum { NODE_DEPTH_MAX = 100 };

struct node *node_new(struct arena *arena, enum node_kind kind, const char *text);

/* Adds `child` at the end; `name` NULL: an element of a list. */
void node_append(struct node *parent, const char *name, struct node *child);

/*
 * Of members with the same name only the last stays. Gives the place of one that stays so, counted
 * from 1 before any went; 0: no name was there twice. For a map that is being read.
 */
size_t node_keep_last(struct arena *arena, struct node *map);

/* A copy of the node alone, that shares what is in it, to be appended elsewhere. */
struct node *node_copy(struct arena *arena, const struct node *node);

/* The member of that name; NULL: absent, null, or `map` is no map. So look-ups chain. */
const struct node *node_member(const struct node *map, const char *name);

/* A scalar's text, or `otherwise` for everything else. */
const char *node_text(const struct node *node, const char *otherwise);

bool node_is_text(const struct node *node, const char *text);
size_t node_count(const struct node *node);

/* The first node in it, itself included, that is unknown; NULL: all is known. */
const struct node *node_find_unknown(const struct node *node);

/* As JSON, without white space; members by name when `is_sorted`. */
void node_append_json(struct buffer *to, const struct node *node, bool is_sorted);

enum document_fault {
    DOCUMENT_BROKEN, /* it is not well-formed */
    DOCUMENT_EMPTY,
    DOCUMENT_TOO_DEEP, /* deeper than NODE_DEPTH_MAX; it may well be well-formed */
    DOCUMENT_ALIAS,    /* YAML that refers to itself (*name, <<), which CloudFormation forbids */
};

struct document_error {
    enum document_fault fault;
    bool is_json;     /* it looks like JSON, and this is where that went wrong */
    const char *what; /* in words; a literal, or in the arena */
    size_t line;      /* both from 1; columns are bytes */
    size_t column;
};

/*
 * A document in JSON, or, when it is not that, in YAML with CloudFormation's short tags (`!Ref X`
 * is read as {"Ref": X}).
 */
bool node_read_located(struct arena *arena,
                       struct bytes text,
                       const struct node **out_tree,
                       struct document_error *out_error);

/* The same. False: `out_error`, in the arena, says what is wrong with it. */
bool node_read(struct arena *arena,
               struct bytes text,
               const struct node **out_tree,
               const char **out_error);

#endif
