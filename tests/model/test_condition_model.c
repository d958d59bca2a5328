/*
 * Random conditions over random items, evaluated by api/expression and by a second evaluator that
 * shares nothing with it: values are those of naive_value.h, conditions are trees. Both must agree.
 *
 * An item and a condition are made as trees; their text is what the first evaluator gets.
 */

#include "api/expression/condition.h"
#include "storage/base/arena.h"
#include "tests/model/naive_value.h"
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
    STEPS_MAX = 4,
    OPERANDS_MAX = 4,
    DEPTH_MAX = 3, /* of values and of conditions */
};

static struct arena arena;
static struct random random;

static size_t below(size_t end)
{
    return random_below(&random, end);
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
    const struct naive_value *value;
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
static struct term random_path(const struct naive_value *item)
{
    struct term term = { .kind = TERM_PATH, .steps_count = 1 };
    const struct naive_value *at = item;
    term.steps[0].which = below(NAIVE_VALUE_NAMES_COUNT);
    at = naive_value_entry(at, term.steps[0].which);
    while (term.steps_count < STEPS_MAX && !random_once_in(&random, 3)) {
        bool leads_on = at != NULL && (at->type == ATTRIBUTE_M || at->type == ATTRIBUTE_L);
        if (!leads_on && !random_once_in(&random, 6)) {
            break;
        }
        struct step *step = &term.steps[term.steps_count++];
        step->is_index = leads_on ? (at->type == ATTRIBUTE_L) != random_once_in(&random, 10)
                                  : random_once_in(&random, 2);
        step->which = below(NAIVE_VALUE_NAMES_COUNT);
        if (!leads_on || step->is_index != (at->type == ATTRIBUTE_L)) {
            at = NULL;
        } else if (step->is_index) {
            at = step->which < at->count ? at->parts[step->which] : NULL;
        } else {
            at = naive_value_entry(at, step->which);
        }
    }
    return term;
}

static struct term value_term(const struct naive_value *value)
{
    return (struct term){ .kind = TERM_VALUE, .value = value };
}

static const struct naive_value *find(const struct term *term, const struct naive_value *item);

/* A value that has something to do with the path's, or any. */
static const struct naive_value *value_near(const struct term *path, const struct naive_value *item)
{
    const struct naive_value *found = path->kind == TERM_PATH ? find(path, item) : NULL;
    if (found == NULL || random_once_in(&random, 4)) {
        return naive_value_random(&random, &arena, 2);
    }
    return random_once_in(&random, 2) ? found
                                      : naive_value_random_of_type(&random, &arena, found->type, 2);
}

static const struct naive_value *ordered_near(const struct term *path,
                                              const struct naive_value *item)
{
    const struct naive_value *value = value_near(path, item);
    return naive_value_is_ordered_pair(value, value)
               ? value
               : naive_value_random_scalar(&random, &arena,
                                           (enum attribute_type)below(ATTRIBUTE_BOOL));
}

static struct term random_size(const struct naive_value *item)
{
    struct term term = random_path(item);
    term.is_size = true;
    if (random_once_in(&random, 5)) {
        term.kind = TERM_VALUE;
        term.value = random_once_in(&random, 2)
                         ? naive_value_random_text(&random, &arena, ATTRIBUTE_S)
                         : naive_value_random_set(&random, &arena, ATTRIBUTE_NS);
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
random_operand(const struct term *first, const struct naive_value *item, bool wants_order)
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

static void random_comparison(struct tree *tree, const struct naive_value *item)
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

static void random_between(struct tree *tree, const struct naive_value *item)
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
            terms[2] = value_term(naive_value_random_scalar(&random, &arena, terms[1].value->type));
        }
        if (naive_value_order(terms[1].value, terms[2].value) > 0) {
            struct term moving = terms[1];
            terms[1] = terms[2];
            terms[2] = moving;
        }
    }
}

static void random_in(struct tree *tree, const struct naive_value *item)
{
    tree->terms_count = 2 + below(OPERANDS_MAX - 1);
    tree->terms[0] = random_truth(5) ? random_size(item) : random_path(item);
    for (size_t i = 1; i < tree->terms_count; i++) {
        tree->terms[i] = random_operand(&tree->terms[0], item, false);
    }
}

static const struct naive_value *type_name(void)
{
    /* This type stands for the name of a type. */
    struct naive_value *name = naive_value_new(&arena, ATTRIBUTE_TYPE_COUNT);
    name->count = below(ATTRIBUTE_TYPE_COUNT);
    return name;
}

/* A part of a list or set, or a piece of a text; else anything. */
static const struct naive_value *part_near(const struct term *path, const struct naive_value *item)
{
    const struct naive_value *found = find(path, item);
    if (found == NULL || found->count == 0 || found->type == ATTRIBUTE_M) {
        return value_near(path, item);
    }
    if (!naive_value_is_text(found)) {
        return found->parts[below(found->count)];
    }
    struct naive_value *piece = naive_value_new(&arena, found->type);
    size_t start = below(found->count);
    piece->count = 1 + below(found->count - start);
    for (size_t i = 0; i < piece->count; i++) {
        piece->letters[i] = found->letters[start + i];
    }
    return piece;
}

static void random_function(struct tree *tree, const struct naive_value *item)
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
        const struct naive_value *part = part_near(&terms[0], item);
        if (tree->function == FUNCTION_BEGINS_WITH && !naive_value_is_text(part)) {
            part = naive_value_random_text(&random, &arena,
                                           random_truth(2) ? ATTRIBUTE_S : ATTRIBUTE_B);
        }
        terms[1] = value_term(part);
        if (random_truth(8)) {
            terms[1] = terms[0];
            terms[0] = value_term(part);
        }
    }
}

static struct tree *random_tree(size_t depth, const struct naive_value *item)
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

/* ---- the second evaluator ---- */

static const struct naive_value *find_path(const struct term *term, const struct naive_value *item)
{
    const struct naive_value *at = item;
    for (size_t i = 0; at != NULL && i < term->steps_count; i++) {
        struct step step = term->steps[i];
        if (at->type != (step.is_index ? ATTRIBUTE_L : ATTRIBUTE_M)) {
            at = NULL;
        } else if (step.is_index) {
            at = step.which < at->count ? at->parts[step.which] : NULL;
        } else {
            at = naive_value_entry(at, step.which);
        }
    }
    return at;
}

/* NULL: it has no value. */
static const struct naive_value *find(const struct term *term, const struct naive_value *item)
{
    const struct naive_value *value =
        term->kind == TERM_VALUE ? term->value : find_path(term, item);
    return term->is_size && value != NULL ? naive_value_size(&arena, value) : value;
}

static bool compares(enum comparator comparator,
                     const struct naive_value *left,
                     const struct naive_value *right)
{
    if (left == NULL || right == NULL) {
        return comparator == COMPARATOR_NOT_EQUAL;
    }
    if (comparator == COMPARATOR_EQUAL) {
        return naive_value_equal(left, right);
    }
    if (comparator == COMPARATOR_NOT_EQUAL) {
        return !naive_value_equal(left, right);
    }
    if (!naive_value_is_ordered_pair(left, right)) {
        return false;
    }
    int order = naive_value_order(left, right);
    return (comparator == COMPARATOR_LESS && order < 0) ||
           (comparator == COMPARATOR_LESS_OR_EQUAL && order <= 0) ||
           (comparator == COMPARATOR_GREATER && order > 0) ||
           (comparator == COMPARATOR_GREATER_OR_EQUAL && order >= 0);
}

static bool function_holds(const struct tree *tree,
                           const struct naive_value *first,
                           const struct naive_value *second)
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
        return naive_value_contains(first, second);
    }
    return naive_value_is_text(first) && first->type == second->type &&
           naive_value_matches_at(first, 0, second);
}

static bool tree_holds(const struct tree *tree, const struct naive_value *item)
{
    const struct naive_value *values[OPERANDS_MAX] = { NULL };
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

static void print_value(struct text *text, const struct naive_value *value)
{
    buffer_append_format(&text->expression, ":v%zu", text->values_count);
    buffer_append_format(&text->values, "%s:v%zu: ", text->values_count > 0 ? ", " : "",
                         text->values_count);
    text->values_count++;
    if (value->type == ATTRIBUTE_TYPE_COUNT) {
        buffer_append_format(&text->values, "'%s'",
                             attribute_type_name((enum attribute_type)value->count));
    } else {
        naive_value_print(&text->values, value);
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
                buffer_append_format(to, "%s%s", i > 0 ? "." : "",
                                     NAIVE_VALUE_NAMES[term->steps[i].which]);
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

static bool check_condition(const struct naive_value *item, const char *item_text)
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
        const struct naive_value *item = naive_value_random_map(&random, &arena, DEPTH_MAX);
        struct buffer text;
        buffer_init(&text, &arena, 256);
        naive_value_print(&text, item);
        bool is_absent = random_truth(20);
        /* No item has no attributes. */
        const struct naive_value *nothing = naive_value_new(&arena, ATTRIBUTE_M);
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
