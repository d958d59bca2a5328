/*
 * Random conditions over random items, evaluated by api/expression and by a second evaluator that
 * shares nothing with it: values are trees of nodes here, numbers are counted in halves, strings
 * and binaries are lists of letters, sets are compared element by element. Both must agree.
 *
 * An item and a condition are made as trees; their text is what the first evaluator gets.
 */

#include "api/expression/condition.h"
#include "storage/base/arena.h"
#include "tests/support/expressions.h"
#include "tests/support/literal.h"
#include "tests/support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum {
    ROUNDS = 2000,
    CONDITIONS_A_ROUND = 20,
    PARTS_MAX = 3,
    LETTERS_MAX = 3,
    STEPS_MAX = 4,
    OPERANDS_MAX = 4,
    DEPTH_MAX = 3, /* of values and of conditions */
    NAMES_COUNT = 4,
};

static const char *const NAMES[NAMES_COUNT] = { "a", "b", "c", "d" };

/* In the order of their bytes. The last letter is two UTF-16 code units. */
static const char *const LETTERS[] = { "a", "b", "\xC3\xA9", "\xF0\x9D\x84\x9E" };
static const char *const BYTES_IN_HEX[] = { "00", "61", "c3", "ff" };

struct node {
    enum attribute_type type;
    bool truth;                  /* BOOL */
    int halves;                  /* N */
    size_t letters[LETTERS_MAX]; /* S, B: which */
    struct node *parts[NAMES_COUNT];
    size_t names[NAMES_COUNT]; /* M: which, of each part */
    size_t count;              /* letters or parts */
};

static struct arena arena;
static struct random random;

static size_t below(size_t end)
{
    return random_below(&random, end);
}

static struct node *new_node(enum attribute_type type)
{
    struct node *node = arena_alloc_zero(&arena, sizeof *node);
    node->type = type;
    return node;
}

static enum attribute_type element_type(enum attribute_type set)
{
    return set == ATTRIBUTE_SS ? ATTRIBUTE_S : set == ATTRIBUTE_NS ? ATTRIBUTE_N : ATTRIBUTE_B;
}

static bool is_set(const struct node *node)
{
    return node->type == ATTRIBUTE_SS || node->type == ATTRIBUTE_NS || node->type == ATTRIBUTE_BS;
}

static bool is_text(const struct node *node)
{
    return node->type == ATTRIBUTE_S || node->type == ATTRIBUTE_B;
}

/* ---- the second evaluator: values ---- */

static bool equal(const struct node *left, const struct node *right);

static bool holds(const struct node *collection, const struct node *wanted)
{
    for (size_t i = 0; i < collection->count; i++) {
        if (equal(collection->parts[i], wanted)) {
            return true;
        }
    }
    return false;
}

static const struct node *entry_of(const struct node *map, size_t name)
{
    for (size_t i = 0; i < map->count; i++) {
        if (map->names[i] == name) {
            return map->parts[i];
        }
    }
    return NULL;
}

static bool parts_equal(const struct node *left, const struct node *right)
{
    for (size_t i = 0; i < left->count; i++) {
        if (is_set(left)) {
            if (!holds(right, left->parts[i])) {
                return false;
            }
        } else {
            const struct node *other =
                left->type == ATTRIBUTE_L ? right->parts[i] : entry_of(right, left->names[i]);
            if (other == NULL || !equal(left->parts[i], other)) {
                return false;
            }
        }
    }
    return true;
}

static int order_of(const struct node *left, const struct node *right)
{
    if (left->type == ATTRIBUTE_N) {
        return left->halves - right->halves;
    }
    for (size_t i = 0; i < left->count && i < right->count; i++) {
        if (left->letters[i] != right->letters[i]) {
            return left->letters[i] < right->letters[i] ? -1 : 1;
        }
    }
    return (int)left->count - (int)right->count;
}

static bool equal(const struct node *left, const struct node *right)
{
    if (left->type != right->type) {
        return false;
    }
    if (left->type == ATTRIBUTE_BOOL) {
        return left->truth == right->truth;
    }
    if (left->type == ATTRIBUTE_NULL) {
        return true;
    }
    if (left->type == ATTRIBUTE_N || is_text(left)) {
        return order_of(left, right) == 0;
    }
    return left->count == right->count && parts_equal(left, right);
}

/* True when `part` is in `text` from `start` on. */
static bool matches_at(const struct node *text, size_t start, const struct node *part)
{
    bool matches = start + part->count <= text->count;
    for (size_t i = 0; matches && i < part->count; i++) {
        matches = text->letters[start + i] == part->letters[i];
    }
    return matches;
}

static bool node_contains(const struct node *value, const struct node *wanted)
{
    if (is_text(value) && wanted->type == value->type) {
        for (size_t start = 0; start <= value->count; start++) {
            if (matches_at(value, start, wanted)) {
                return true;
            }
        }
    }
    return (is_set(value) || value->type == ATTRIBUTE_L) && holds(value, wanted);
}

static bool is_ordered_pair(const struct node *left, const struct node *right)
{
    return left->type == right->type && (is_text(left) || left->type == ATTRIBUTE_N);
}

/* ---- random values ---- */

static struct node *random_node(size_t depth);

static struct node *random_text(enum attribute_type type)
{
    struct node *node = new_node(type);
    node->count = below(LETTERS_MAX + 1);
    for (size_t i = 0; i < node->count; i++) {
        node->letters[i] = below(sizeof LETTERS / sizeof LETTERS[0]);
    }
    return node;
}

static struct node *random_scalar(enum attribute_type type)
{
    if (type == ATTRIBUTE_N) {
        struct node *node = new_node(type);
        node->halves = (int)below(30) - 8;
        return node;
    }
    return random_text(type);
}

static struct node *random_set(enum attribute_type type)
{
    struct node *set = new_node(type);
    size_t count = 1 + below(PARTS_MAX);
    while (set->count < count) {
        struct node *element = random_scalar(element_type(type));
        if (!holds(set, element)) {
            set->parts[set->count++] = element;
        }
    }
    return set;
}

static struct node *random_map(size_t depth)
{
    struct node *map = new_node(ATTRIBUTE_M);
    for (size_t name = 0; name < NAMES_COUNT; name++) {
        if (!random_once_in(&random, 3)) {
            map->names[map->count] = name;
            map->parts[map->count++] = random_node(depth);
        }
    }
    return map;
}

static struct node *random_of_type(enum attribute_type type, size_t depth)
{
    struct node *node = NULL;
    switch (type) {
    case ATTRIBUTE_S:
    case ATTRIBUTE_N:
    case ATTRIBUTE_B:
        return random_scalar(type);
    case ATTRIBUTE_SS:
    case ATTRIBUTE_NS:
    case ATTRIBUTE_BS:
        return random_set(type);
    case ATTRIBUTE_M:
        return random_map(depth - 1);
    case ATTRIBUTE_L:
        node = new_node(type);
        node->count = below(PARTS_MAX + 1);
        for (size_t i = 0; i < node->count; i++) {
            node->parts[i] = random_node(depth - 1);
        }
        return node;
    case ATTRIBUTE_BOOL:
    case ATTRIBUTE_NULL:
    case ATTRIBUTE_TYPE_COUNT:
        break;
    }
    node = new_node(type);
    node->truth = type == ATTRIBUTE_BOOL && random_once_in(&random, 2);
    return node;
}

static struct node *random_node(size_t depth)
{
    size_t types_count = depth > 0 ? ATTRIBUTE_TYPE_COUNT : ATTRIBUTE_L;
    return random_of_type((enum attribute_type)below(types_count), depth);
}

/* ---- values as literals ---- */

static void print_node(struct buffer *to, const struct node *node);

static void print_parts(struct buffer *to, const struct node *node, const char *frame)
{
    buffer_append_u8(to, (uint8_t)frame[0]);
    for (size_t i = 0; i < node->count; i++) {
        buffer_append_text(to, i > 0 ? ", " : "");
        if (node->type == ATTRIBUTE_M) {
            buffer_append_format(to, "%s: ", NAMES[node->names[i]]);
        }
        print_node(to, node->parts[i]);
    }
    buffer_append_u8(to, (uint8_t)frame[1]);
}

static void print_text(struct buffer *to, const struct node *node)
{
    bool is_binary = node->type == ATTRIBUTE_B;
    buffer_append_text(to, is_binary ? "x'" : "'");
    for (size_t i = 0; i < node->count; i++) {
        buffer_append_text(to, (is_binary ? BYTES_IN_HEX : LETTERS)[node->letters[i]]);
    }
    buffer_append_text(to, "'");
}

static void print_node(struct buffer *to, const struct node *node)
{
    if (is_text(node)) {
        print_text(to, node);
    } else if (node->type == ATTRIBUTE_N) {
        int magnitude = node->halves < 0 ? -node->halves : node->halves;
        buffer_append_format(to, "%s%d%s", node->halves < 0 ? "-" : "", magnitude / 2,
                             magnitude % 2 != 0 ? ".5" : "");
    } else if (node->type == ATTRIBUTE_BOOL) {
        buffer_append_text(to, node->truth ? "true" : "false");
    } else if (node->type == ATTRIBUTE_NULL) {
        buffer_append_text(to, "null");
    } else {
        print_parts(to, node,
                    node->type == ATTRIBUTE_M   ? "{}"
                    : node->type == ATTRIBUTE_L ? "[]"
                                                : "<>");
    }
}

/* ---- conditions ---- */

struct step {
    bool is_index;
    size_t which;
};

struct term {
    enum { TERM_PATH, TERM_VALUE } kind;
    bool is_size; /* size(…) of it */
    struct step steps[STEPS_MAX];
    size_t steps_count;
    const struct node *value;
};

struct tree {
    enum condition_kind kind;
    enum comparator comparator;
    enum expression_function function;
    struct tree *children[2];
    struct term terms[OPERANDS_MAX];
    size_t terms_count;
};

/* Mostly the way to a value that is there; it may take one step too many. */
static struct term random_path(const struct node *item)
{
    struct term term = { .kind = TERM_PATH, .steps_count = 1 };
    const struct node *at = item;
    term.steps[0].which = below(NAMES_COUNT);
    at = entry_of(at, term.steps[0].which);
    while (term.steps_count < STEPS_MAX && !random_once_in(&random, 3)) {
        bool leads_on = at != NULL && (at->type == ATTRIBUTE_M || at->type == ATTRIBUTE_L);
        if (!leads_on && !random_once_in(&random, 6)) {
            break;
        }
        struct step *step = &term.steps[term.steps_count++];
        step->is_index = leads_on ? (at->type == ATTRIBUTE_L) != random_once_in(&random, 10)
                                  : random_once_in(&random, 2);
        step->which = below(NAMES_COUNT);
        if (!leads_on || step->is_index != (at->type == ATTRIBUTE_L)) {
            at = NULL;
        } else if (step->is_index) {
            at = step->which < at->count ? at->parts[step->which] : NULL;
        } else {
            at = entry_of(at, step->which);
        }
    }
    return term;
}

static struct term value_term(const struct node *value)
{
    return (struct term){ .kind = TERM_VALUE, .value = value };
}

static const struct node *find(const struct term *term, const struct node *item);

/* A value that has something to do with the path's, or any. */
static const struct node *value_near(const struct term *path, const struct node *item)
{
    const struct node *found = path->kind == TERM_PATH ? find(path, item) : NULL;
    if (found == NULL || random_once_in(&random, 4)) {
        return random_node(2);
    }
    return random_once_in(&random, 2) ? found : random_of_type(found->type, 2);
}

static const struct node *ordered_near(const struct term *path, const struct node *item)
{
    const struct node *value = value_near(path, item);
    return is_ordered_pair(value, value)
               ? value
               : random_scalar((enum attribute_type)below(ATTRIBUTE_BOOL));
}

static struct term random_size(const struct node *item)
{
    struct term term = random_path(item);
    term.is_size = true;
    if (random_once_in(&random, 5)) {
        term.kind = TERM_VALUE;
        term.value =
            random_once_in(&random, 2) ? random_text(ATTRIBUTE_S) : random_set(ATTRIBUTE_NS);
    }
    return term;
}

static bool same_path(const struct term *left, const struct term *right)
{
    bool same = left->kind == TERM_PATH && right->kind == TERM_PATH &&
                left->steps_count == right->steps_count;
    for (size_t i = 0; same && i < left->steps_count; i++) {
        same = left->steps[i].is_index == right->steps[i].is_index &&
               left->steps[i].which == right->steps[i].which;
    }
    return same;
}

static bool random_truth(size_t times)
{
    return random_once_in(&random, times);
}

/* What may stand beside `first`: of a type that has an order where that is wanted. */
static struct term
random_operand(const struct term *first, const struct node *item, bool wants_order)
{
    if (random_truth(6)) {
        return random_size(item);
    }
    if (random_truth(4)) {
        struct term path = random_path(item);
        if (!same_path(first, &path)) {
            return path;
        }
    }
    return value_term(wants_order ? ordered_near(first, item) : value_near(first, item));
}

static void random_comparison(struct tree *tree, const struct node *item)
{
    tree->comparator = (enum comparator)below(COMPARATOR_COUNT);
    bool wants_order = tree->comparator >= COMPARATOR_LESS;
    tree->terms_count = 2;
    tree->terms[0] = random_truth(5) ? random_size(item) : random_path(item);
    tree->terms[1] = random_operand(&tree->terms[0], item, wants_order);
    if (random_truth(4)) {
        struct term moving = tree->terms[0];
        tree->terms[0] = tree->terms[1];
        tree->terms[1] = moving;
    }
}

static void random_between(struct tree *tree, const struct node *item)
{
    struct term *terms = tree->terms;
    tree->terms_count = 3;
    terms[0] = random_truth(5) ? random_size(item) : random_path(item);
    terms[1] = random_operand(&terms[0], item, true);
    terms[2] = random_operand(&terms[0], item, true);
    bool both_known = terms[1].kind == TERM_VALUE && terms[2].kind == TERM_VALUE &&
                      !terms[1].is_size && !terms[2].is_size;
    if (both_known) { /* else refused: of one type, the lower one first */
        if (terms[1].value->type != terms[2].value->type) {
            terms[2] = value_term(random_scalar(terms[1].value->type));
        }
        if (order_of(terms[1].value, terms[2].value) > 0) {
            struct term moving = terms[1];
            terms[1] = terms[2];
            terms[2] = moving;
        }
    }
}

static void random_in(struct tree *tree, const struct node *item)
{
    tree->terms_count = 2 + below(OPERANDS_MAX - 1);
    tree->terms[0] = random_truth(5) ? random_size(item) : random_path(item);
    for (size_t i = 1; i < tree->terms_count; i++) {
        tree->terms[i] = random_operand(&tree->terms[0], item, false);
    }
}

static const struct node *type_name(void)
{
    struct node *name = new_node(ATTRIBUTE_TYPE_COUNT); /* stands for the name of a type */
    name->count = below(ATTRIBUTE_TYPE_COUNT);
    return name;
}

/* A part of a list or set, or a piece of a text; else anything. */
static const struct node *part_near(const struct term *path, const struct node *item)
{
    const struct node *found = find(path, item);
    if (found == NULL || found->count == 0 || found->type == ATTRIBUTE_M) {
        return value_near(path, item);
    }
    if (!is_text(found)) {
        return found->parts[below(found->count)];
    }
    struct node *piece = new_node(found->type);
    size_t start = below(found->count);
    piece->count = 1 + below(found->count - start);
    for (size_t i = 0; i < piece->count; i++) {
        piece->letters[i] = found->letters[start + i];
    }
    return piece;
}

static void random_function(struct tree *tree, const struct node *item)
{
    struct term *terms = tree->terms;
    tree->function = (enum expression_function)below(FUNCTION_SIZE);
    tree->terms_count = tree->function <= FUNCTION_ATTRIBUTE_NOT_EXISTS ? 1 : 2;
    terms[0] = random_path(item);
    if (tree->terms_count == 1) {
        return;
    }
    terms[1] = random_path(item);
    if (tree->function == FUNCTION_ATTRIBUTE_TYPE) {
        terms[1] = value_term(type_name());
    } else if (same_path(&terms[0], &terms[1]) || !random_truth(4)) {
        const struct node *part = part_near(&terms[0], item);
        if (tree->function == FUNCTION_BEGINS_WITH && !is_text(part)) {
            part = random_text(random_truth(2) ? ATTRIBUTE_S : ATTRIBUTE_B);
        }
        terms[1] = value_term(part);
        if (random_truth(8)) {
            terms[1] = terms[0];
            terms[0] = value_term(part);
        }
    }
}

static struct tree *random_tree(size_t depth, const struct node *item)
{
    struct tree *tree = arena_alloc_zero(&arena, sizeof *tree);
    tree->kind = (enum condition_kind)(
        depth > 0 && !random_truth(3) ? CONDITION_AND + below(3) : CONDITION_COMPARISON + below(4));
    switch (tree->kind) {
    case CONDITION_AND:
    case CONDITION_OR:
    case CONDITION_NOT:
        tree->children[0] = random_tree(depth - 1, item);
        tree->children[1] = tree->kind == CONDITION_NOT ? NULL : random_tree(depth - 1, item);
        break;
    case CONDITION_COMPARISON:
        random_comparison(tree, item);
        break;
    case CONDITION_BETWEEN:
        random_between(tree, item);
        break;
    case CONDITION_IN:
        random_in(tree, item);
        break;
    case CONDITION_FUNCTION:
        random_function(tree, item);
        break;
    }
    return tree;
}

/* ---- the second evaluator: conditions ---- */

static const struct node *find_path(const struct term *term, const struct node *item)
{
    const struct node *at = item;
    for (size_t i = 0; at != NULL && i < term->steps_count; i++) {
        struct step step = term->steps[i];
        if (at->type != (step.is_index ? ATTRIBUTE_L : ATTRIBUTE_M)) {
            at = NULL;
        } else if (step.is_index) {
            at = step.which < at->count ? at->parts[step.which] : NULL;
        } else {
            at = entry_of(at, step.which);
        }
    }
    return at;
}

/* NULL: it has no value. */
static const struct node *find(const struct term *term, const struct node *item)
{
    const struct node *value = term->kind == TERM_VALUE ? term->value : find_path(term, item);
    if (!term->is_size || value == NULL) {
        return value;
    }
    if (value->type == ATTRIBUTE_N || value->type == ATTRIBUTE_BOOL ||
        value->type == ATTRIBUTE_NULL) {
        return NULL;
    }
    struct node *size = new_node(ATTRIBUTE_N);
    for (size_t i = 0; i < value->count; i++) {
        bool is_long = value->type == ATTRIBUTE_S && value->letters[i] == 3;
        size->halves += is_long ? 4 : 2;
    }
    return size;
}

static bool compares(enum comparator comparator, const struct node *left, const struct node *right)
{
    if (left == NULL || right == NULL) {
        return comparator == COMPARATOR_NOT_EQUAL;
    }
    if (comparator == COMPARATOR_EQUAL) {
        return equal(left, right);
    }
    if (comparator == COMPARATOR_NOT_EQUAL) {
        return !equal(left, right);
    }
    if (!is_ordered_pair(left, right)) {
        return false;
    }
    int order = order_of(left, right);
    return (comparator == COMPARATOR_LESS && order < 0) ||
           (comparator == COMPARATOR_LESS_OR_EQUAL && order <= 0) ||
           (comparator == COMPARATOR_GREATER && order > 0) ||
           (comparator == COMPARATOR_GREATER_OR_EQUAL && order >= 0);
}

static bool
function_holds(const struct tree *tree, const struct node *first, const struct node *second)
{
    if (tree->function == FUNCTION_ATTRIBUTE_EXISTS) {
        return first != NULL;
    }
    if (tree->function == FUNCTION_ATTRIBUTE_NOT_EXISTS) {
        return first == NULL;
    }
    if (first == NULL || second == NULL) {
        return false;
    }
    if (tree->function == FUNCTION_ATTRIBUTE_TYPE) {
        return (size_t)first->type == second->count;
    }
    if (tree->function == FUNCTION_CONTAINS) {
        return node_contains(first, second);
    }
    return is_text(first) && first->type == second->type && matches_at(first, 0, second);
}

static bool tree_holds(const struct tree *tree, const struct node *item)
{
    const struct node *values[OPERANDS_MAX] = { NULL };
    for (size_t i = 0; i < tree->terms_count; i++) {
        values[i] = find(&tree->terms[i], item);
    }
    bool is_in = false;
    switch (tree->kind) {
    case CONDITION_AND:
        return tree_holds(tree->children[0], item) && tree_holds(tree->children[1], item);
    case CONDITION_OR:
        return tree_holds(tree->children[0], item) || tree_holds(tree->children[1], item);
    case CONDITION_NOT:
        return !tree_holds(tree->children[0], item);
    case CONDITION_COMPARISON:
        return compares(tree->comparator, values[0], values[1]);
    case CONDITION_BETWEEN:
        return compares(COMPARATOR_LESS_OR_EQUAL, values[1], values[0]) &&
               compares(COMPARATOR_LESS_OR_EQUAL, values[0], values[2]);
    case CONDITION_IN:
        for (size_t i = 1; i < tree->terms_count; i++) {
            is_in = is_in || compares(COMPARATOR_EQUAL, values[0], values[i]);
        }
        return is_in;
    case CONDITION_FUNCTION:
        break;
    }
    return function_holds(tree, values[0], values[1]);
}

/* ---- conditions as text ---- */

struct text {
    struct buffer expression;
    struct buffer values; /* a literal of the placeholders */
    size_t values_count;
};

static void print_value(struct text *text, const struct node *value)
{
    buffer_append_format(&text->expression, ":v%zu", text->values_count);
    buffer_append_format(&text->values, "%s:v%zu: ", text->values_count > 0 ? ", " : "",
                         text->values_count);
    text->values_count++;
    if (value->type == ATTRIBUTE_TYPE_COUNT) {
        buffer_append_format(&text->values, "'%s'",
                             attribute_type_name((enum attribute_type)value->count));
    } else {
        print_node(&text->values, value);
    }
}

static void print_term(struct text *text, const struct term *term)
{
    struct buffer *to = &text->expression;
    buffer_append_text(to, term->is_size ? "size(" : "");
    if (term->kind == TERM_VALUE) {
        print_value(text, term->value);
    } else {
        for (size_t i = 0; i < term->steps_count; i++) {
            if (term->steps[i].is_index) {
                buffer_append_format(to, "[%zu]", term->steps[i].which);
            } else {
                buffer_append_format(to, "%s%s", i > 0 ? "." : "", NAMES[term->steps[i].which]);
            }
        }
    }
    buffer_append_text(to, term->is_size ? ")" : "");
}

static void print_terms(struct text *text, const struct tree *tree, size_t first)
{
    for (size_t i = first; i < tree->terms_count; i++) {
        buffer_append_text(&text->expression, i > first ? ", " : "");
        print_term(text, &tree->terms[i]);
    }
    buffer_append_text(&text->expression, ")");
}

static void print_leaf(struct text *text, const struct tree *tree)
{
    static const char *const comparators[] = { " = ", " <> ", " < ", " <= ", " > ", " >= " };
    static const char *const functions[] = { "attribute_exists", "attribute_not_exists",
                                             "attribute_type", "begins_with", "contains" };
    if (tree->kind == CONDITION_FUNCTION) {
        buffer_append_format(&text->expression, "%s(", functions[tree->function]);
        print_terms(text, tree, 0);
        return;
    }
    print_term(text, &tree->terms[0]);
    if (tree->kind == CONDITION_COMPARISON) {
        buffer_append_text(&text->expression, comparators[tree->comparator]);
        print_term(text, &tree->terms[1]);
    } else if (tree->kind == CONDITION_BETWEEN) {
        buffer_append_text(&text->expression, " BETWEEN ");
        print_term(text, &tree->terms[1]);
        buffer_append_text(&text->expression, " AND ");
        print_term(text, &tree->terms[2]);
    } else {
        buffer_append_text(&text->expression, " IN (");
        print_terms(text, tree, 1);
    }
}

/* OR binds least, NOT most; parentheses where they are needed, and sometimes where they are not. */
static void print_tree(struct text *text, const struct tree *tree, enum condition_kind around)
{
    bool is_leaf = tree->kind >= CONDITION_COMPARISON;
    bool is_needed = (around == CONDITION_NOT && tree->kind <= CONDITION_OR) ||
                     (around == CONDITION_AND && tree->kind == CONDITION_OR);
    bool is_inside = is_needed || (!is_leaf && random_truth(3));
    static const char *const words[] = { " AND ", " OR " };
    buffer_append_text(&text->expression, is_inside ? "(" : "");
    if (is_leaf) {
        print_leaf(text, tree);
    } else if (tree->kind == CONDITION_NOT) {
        buffer_append_text(&text->expression, "NOT ");
        print_tree(text, tree->children[0], CONDITION_NOT);
    } else {
        print_tree(text, tree->children[0], tree->kind);
        buffer_append_text(&text->expression, words[tree->kind]);
        print_tree(text, tree->children[1], tree->kind);
    }
    buffer_append_text(&text->expression, is_inside ? ")" : "");
}

/* ---- the comparison ---- */

static const char *text_of(const struct buffer *buffer)
{
    return bytes_to_text(&arena, buffer_view(buffer));
}

static bool check_condition(const struct node *item, const char *item_text)
{
    struct tree *tree = random_tree(DEPTH_MAX, item);
    struct text text = { .values_count = 0 };
    buffer_init(&text.expression, &arena, 256);
    buffer_init(&text.values, &arena, 256);
    buffer_append_text(&text.values, "{");
    print_tree(&text, tree, CONDITION_OR);
    buffer_append_text(&text.values, "}");

    struct expression_context context;
    struct condition *condition = NULL;
    expression_init(&context, &arena, EXPRESSION_CONDITION);
    const char *refusal =
        expressions_condition(&context, text_of(&text.expression), NULL,
                              text.values_count > 0 ? text_of(&text.values) : NULL, &condition);
    bool expected = tree_holds(tree, item);
    if (refusal[0] != '\0' ||
        condition_evaluate(condition, literal_item(&arena, item_text)) != expected) {
        (void)fprintf(stderr, "%s\nwith %s\nof   %s\nis %s%s\n", text_of(&text.expression),
                      text_of(&text.values), item_text != NULL ? item_text : "no item",
                      expected ? "true" : "false", refusal[0] != '\0' ? refusal : " in the model");
        fail();
    }
    return expected;
}

static void both_evaluators_agree(void **state)
{
    (void)state;
    size_t rounds = random_rounds(ROUNDS);
    size_t true_count = 0;
    random_start(&random, "condition_model");
    for (size_t i = 0; i < rounds; i++) {
        arena_init(&arena);
        const struct node *item = random_map(DEPTH_MAX);
        struct buffer text;
        buffer_init(&text, &arena, 256);
        print_node(&text, item);
        bool is_absent = random_truth(20);
        const struct node *nothing = new_node(ATTRIBUTE_M); /* no item has no attributes */
        for (size_t j = 0; j < CONDITIONS_A_ROUND; j++) {
            true_count +=
                check_condition(is_absent ? nothing : item, is_absent ? NULL : text_of(&text));
        }
        arena_deinit(&arena);
    }
    /* A model that makes trivial conditions would agree with anything. */
    assert_in_range(true_count, rounds * CONDITIONS_A_ROUND / 4,
                    rounds * CONDITIONS_A_ROUND * 3 / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(both_evaluators_agree) };
    return cmocka_run_group_tests_name("condition_model", tests, NULL, NULL);
}
