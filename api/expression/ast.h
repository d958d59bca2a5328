/*
 * The trees of expressions: plain data, arena-owned, built by the parser, completed in place by
 * placeholders.c, read-only afterwards.
 *
 *   condition   AND, OR     children[0], children[1]
 *               NOT         children[0]
 *               COMPARISON  operands[0] comparator operands[1]
 *               BETWEEN     operands[0] BETWEEN operands[1] AND operands[2]
 *               IN          operands[0] IN (operands[1], …)
 *               FUNCTION    function(operands[0], …)
 *   operand     PATH        a document path
 *               VALUE       a :placeholder and, once resolved, its value
 *               FUNCTION    function(operands[0], …); in conditions only size passes the parser.
 *                           In updates a sum or difference is one, too
 *   path        attribute name, then names (".name") and list indexes ("[7]")
 *   projection  paths; once resolved, also the same paths as a tree
 *
 * A name in a path is as written until it is resolved: "#x" stands for the attribute name that
 * ExpressionAttributeNames gives for it. Borrowed from the expression's text before, from the
 * placeholder table after.
 *
 * An update is actions, in the order written:
 *
 *   action      SET         path = operand
 *               REMOVE      path
 *               ADD         path operand, a VALUE
 *               DELETE      path operand, a VALUE
 */

#ifndef REHEARSEDB_API_EXPRESSION_AST_H
#define REHEARSEDB_API_EXPRESSION_AST_H

#include "storage/value/attribute_value.h"

enum path_element_kind {
    PATH_NAME,
    PATH_INDEX,
};

struct path_element {
    enum path_element_kind kind;
    struct bytes name; /* PATH_NAME */
    uint32_t index;    /* PATH_INDEX */
};

struct document_path {
    struct path_element *elements; /* the first is a name */
    size_t count;
};

enum expression_function {
    FUNCTION_ATTRIBUTE_EXISTS,
    FUNCTION_ATTRIBUTE_NOT_EXISTS,
    FUNCTION_ATTRIBUTE_TYPE,
    FUNCTION_BEGINS_WITH,
    FUNCTION_CONTAINS,
    FUNCTION_SIZE,
    FUNCTION_IF_NOT_EXISTS,
    FUNCTION_LIST_APPEND,
    FUNCTION_PLUS,
    FUNCTION_MINUS,
    FUNCTION_COUNT,
};

enum operand_kind {
    OPERAND_PATH,
    OPERAND_VALUE,
    OPERAND_FUNCTION,
};

struct operand {
    enum operand_kind kind;
    union {
        struct document_path path; /* OPERAND_PATH */
        struct {                   /* OPERAND_VALUE */
            struct bytes placeholder;
            struct attribute_value value;
        };
        struct { /* OPERAND_FUNCTION */
            enum expression_function function;
            struct operand *arguments;
            size_t arguments_count;
        };
    };
};

enum comparator {
    COMPARATOR_EQUAL,
    COMPARATOR_NOT_EQUAL,
    COMPARATOR_LESS,
    COMPARATOR_LESS_OR_EQUAL,
    COMPARATOR_GREATER,
    COMPARATOR_GREATER_OR_EQUAL,
    COMPARATOR_COUNT,
};

enum condition_kind {
    CONDITION_AND,
    CONDITION_OR,
    CONDITION_NOT,
    CONDITION_COMPARISON,
    CONDITION_BETWEEN,
    CONDITION_IN,
    CONDITION_FUNCTION,
};

struct condition {
    enum condition_kind kind;
    enum comparator comparator;        /* COMPARISON */
    enum expression_function function; /* FUNCTION */
    struct condition *children[2];     /* AND, OR, NOT */
    struct operand *operands;          /* the others */
    size_t operands_count;
};

/*
 * Paths that share a beginning share nodes. Siblings are all names or all indexes, ascending
 * (bytes_compare, or by number), so that an item is projected in one pass.
 */
struct projection_node {
    struct path_element element;
    struct projection_node *children; /* none: the whole value is wanted */
    size_t children_count;
};

struct projection {
    struct document_path *paths; /* as written, in the order written */
    size_t paths_count;
    struct projection_node *nodes; /* top-level attributes; NULL until resolved */
    size_t nodes_count;
};

enum update_action_kind {
    UPDATE_SET,
    UPDATE_REMOVE,
    UPDATE_ADD,
    UPDATE_DELETE,
};

struct update_action {
    enum update_action_kind kind;
    struct document_path path;
    struct operand operand; /* but for REMOVE */
};

struct update {
    struct update_action *actions;
    size_t actions_count;
    struct projection touched; /* the actions' paths; no nodes until resolved */
    bool is_legacy; /* AttributeUpdates: values of a wrong type have words of their own */
};

#endif
