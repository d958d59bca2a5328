/*
 * Random updates of random items against a second evaluator that is as plain as can be: it keeps an
 * item as a tree of nodes, changes a copy of it place by place, and prints both as text. Where it
 * refuses, the update must be refused in the same words.
 */

#include "api/expression/messages.h"
#include "api/expression/parser.h"
#include "api/expression/update.h"
#include "storage/base/arena.h"
#include "storage/value/item_codec.h"
#include "tests/support/expressions.h"
#include "tests/support/literal.h"
#include "tests/support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    PARTS_MAX = 64,
    NAMES_COUNT = 4,
    DEPTH_MAX = 3,
    ACTIONS_MAX = 5,
};

/* ---- items as trees ---- */

struct node {
    enum attribute_type type; /* S, N, NS, L or M */
    int number;               /* N, and S: 's<number>' */
    size_t count;
    int elements[PARTS_MAX];       /* NS, ascending */
    struct node *parts[PARTS_MAX]; /* L; M: by letter, NULL where there is none */
};

static struct arena arena;

static struct node *make_node(enum attribute_type type, int number)
{
    struct node *node = arena_alloc_zero(&arena, sizeof *node);
    node->type = type;
    node->number = number;
    node->count = type == ATTRIBUTE_M ? NAMES_COUNT : 0;
    return node;
}

static void add_element(struct node *set, int element)
{
    size_t place = 0;
    while (place < set->count && set->elements[place] < element) {
        place++;
    }
    if (place < set->count && set->elements[place] == element) {
        return;
    }
    memmove(set->elements + place + 1, set->elements + place,
            (set->count - place) * sizeof *set->elements);
    set->elements[place] = element;
    set->count++;
}

static struct node *copy_node(const struct node *from)
{
    struct node *copy = make_node(from->type, from->number);
    *copy = *from;
    for (size_t i = 0; i < PARTS_MAX; i++) {
        copy->parts[i] = from->parts[i] != NULL ? copy_node(from->parts[i]) : NULL;
    }
    return copy;
}

static void print_node(struct buffer *to, const struct node *node)
{
    const char *separator = "";
    if (node->type == ATTRIBUTE_S || node->type == ATTRIBUTE_N) {
        buffer_append_format(to, node->type == ATTRIBUTE_S ? "'s%d'" : "%d", node->number);
        return;
    }
    if (node->type == ATTRIBUTE_NS) {
        for (size_t i = 0; i < node->count; i++) {
            buffer_append_format(to, "%s%d", i == 0 ? "<" : ", ", node->elements[i]);
        }
        buffer_append_text(to, ">");
        return;
    }
    bool is_map = node->type == ATTRIBUTE_M;
    buffer_append_text(to, is_map ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        if (node->parts[i] == NULL) {
            continue;
        }
        buffer_append_text(to, separator);
        separator = ", ";
        if (is_map) {
            buffer_append_format(to, "%c: ", (int)('p' + i));
        }
        print_node(to, node->parts[i]);
    }
    buffer_append_text(to, is_map ? "}" : "]");
}

static const char *text_of(const struct node *node)
{
    struct buffer text;
    buffer_init(&text, &arena, 256);
    print_node(&text, node);
    return bytes_to_text(&arena, buffer_view(&text));
}

static struct node *random_node(struct random *random, size_t depth);

static struct node *random_node_of(struct random *random, enum attribute_type type, size_t depth)
{
    struct node *node = make_node(type, (int)random_below(random, 20));
    if (node->type == ATTRIBUTE_NS) {
        for (size_t i = random_below(random, 3) + 1; i > 0; i--) {
            add_element(node, (int)random_below(random, 6));
        }
    }
    if (node->type == ATTRIBUTE_L) {
        node->count = random_below(random, 4);
    }
    for (size_t i = 0; i < node->count && node->type >= ATTRIBUTE_L; i++) {
        bool is_there = node->type == ATTRIBUTE_L || random_once_in(random, 2);
        node->parts[i] = is_there ? random_node(random, depth + 1) : NULL;
    }
    return node;
}

static const enum attribute_type TYPES[] = { ATTRIBUTE_N, ATTRIBUTE_NS, ATTRIBUTE_L, ATTRIBUTE_M,
                                             ATTRIBUTE_S };
enum { TYPES_COUNT = sizeof TYPES / sizeof *TYPES };

static struct node *random_node(struct random *random, size_t depth)
{
    enum attribute_type type = TYPES[random_below(random, TYPES_COUNT)];
    bool is_too_deep = depth == DEPTH_MAX && type >= ATTRIBUTE_L;
    return random_node_of(random, is_too_deep ? ATTRIBUTE_S : type, depth);
}

/* ---- the second evaluator ---- */

struct model {
    struct node *old;
    struct node *values[TYPES_COUNT]; /* :a, :b, …, one of each type */
    const char *message;              /* the first refusal; NULL: none */
};

static void *refuse(struct model *model, const char *message)
{
    if (model->message == NULL) {
        model->message = message;
    }
    return NULL;
}

static struct node **find_part(struct node *node, const struct path_element *element)
{
    if (element->kind == PATH_NAME && node->type == ATTRIBUTE_M) {
        return &node->parts[element->name.data[0] - 'p'];
    }
    if (element->kind == PATH_INDEX && node->type == ATTRIBUTE_L && element->index < node->count) {
        return &node->parts[element->index];
    }
    return NULL;
}

static struct node *find_node(struct node *node, const struct document_path *path, size_t count)
{
    for (size_t i = 0; i < count && node != NULL; i++) {
        struct node **part = find_part(node, &path->elements[i]);
        node = part != NULL ? *part : NULL;
    }
    return node;
}

static struct node *evaluate(struct model *model, const struct operand *operand);

static struct node *
evaluate_as(struct model *model, const struct operand *operand, enum attribute_type type)
{
    struct node *node = evaluate(model, operand);
    return node != NULL && node->type != type ? refuse(model, MESSAGE_UPDATE_TYPE) : node;
}

static struct node *evaluate_function(struct model *model, const struct operand *call)
{
    if (call->function == FUNCTION_IF_NOT_EXISTS) {
        const struct document_path *path = &call->arguments[0].path;
        struct node *found = find_node(model->old, path, path->count);
        return found != NULL ? found : evaluate(model, &call->arguments[1]);
    }
    bool is_list = call->function == FUNCTION_LIST_APPEND;
    enum attribute_type type = is_list ? ATTRIBUTE_L : ATTRIBUTE_N;
    struct node *left = evaluate_as(model, &call->arguments[0], type);
    struct node *right = left != NULL ? evaluate_as(model, &call->arguments[1], type) : NULL;
    if (right == NULL) {
        return NULL;
    }
    if (!is_list) {
        int sign = call->function == FUNCTION_PLUS ? 1 : -1;
        return make_node(ATTRIBUTE_N, left->number + sign * right->number);
    }
    struct node *joined = copy_node(left);
    for (size_t i = 0; i < right->count; i++) {
        assert_true(joined->count < PARTS_MAX);
        joined->parts[joined->count++] = right->parts[i];
    }
    return joined;
}

static struct node *evaluate(struct model *model, const struct operand *operand)
{
    if (operand->kind == OPERAND_VALUE) {
        return model->values[operand->placeholder.data[1] - 'a'];
    }
    if (operand->kind == OPERAND_FUNCTION) {
        return evaluate_function(model, operand);
    }
    struct node *found = find_node(model->old, &operand->path, operand->path.count);
    return found != NULL ? found : refuse(model, MESSAGE_UPDATE_MISSING);
}

/* ADD and DELETE; NULL for what is to go. */
static struct node *amend(struct model *model, const struct update_action *action)
{
    struct node *value = evaluate(model, &action->operand);
    struct node *old = find_node(model->old, &action->path, action->path.count);
    bool adds = action->kind == UPDATE_ADD;
    if (old == NULL) {
        return adds ? value : NULL;
    }
    if (old->type != value->type) {
        return refuse(model, MESSAGE_UPDATE_TYPE);
    }
    if (old->type == ATTRIBUTE_N) {
        return make_node(ATTRIBUTE_N, old->number + value->number);
    }
    struct node *set = make_node(ATTRIBUTE_NS, 0);
    for (size_t i = 0; i < old->count; i++) {
        bool is_named = false;
        for (size_t j = 0; j < value->count; j++) {
            is_named |= value->elements[j] == old->elements[i];
        }
        if (adds || !is_named) {
            add_element(set, old->elements[i]);
        }
    }
    for (size_t j = 0; adds && j < value->count; j++) {
        add_element(set, value->elements[j]);
    }
    return set->count > 0 ? set : NULL;
}

/* Puts nothing or a value into its place, lists keep their holes until the end. */
static void
place(struct model *model, struct node *item, const struct document_path *path, struct node *value)
{
    const struct path_element *last = &path->elements[path->count - 1];
    struct node *parent = find_node(item, path, path->count - 1);
    enum attribute_type wanted = last->kind == PATH_NAME ? ATTRIBUTE_M : ATTRIBUTE_L;
    if (parent == NULL || parent->type != wanted) {
        (void)refuse(model, MESSAGE_UPDATE_PATH);
        return;
    }
    if (last->kind == PATH_NAME || last->index < PARTS_MAX) {
        size_t index = last->kind == PATH_NAME ? (size_t)(last->name.data[0] - 'p') : last->index;
        parent->parts[index] = value != NULL ? copy_node(value) : NULL;
    }
}

static void close_holes(struct node *node)
{
    size_t kept = 0;
    for (size_t i = 0; node->type >= ATTRIBUTE_L && i < PARTS_MAX; i++) {
        struct node *part = node->parts[i];
        if (part == NULL) {
            continue;
        }
        close_holes(part);
        if (node->type == ATTRIBUTE_L) {
            node->parts[i] = NULL;
            node->parts[kept++] = part;
        }
    }
    if (node->type == ATTRIBUTE_L) {
        node->count = kept;
    }
}

/* The new item as text, or the refusal. */
static const char *expect(struct model *model, const struct update *update)
{
    struct node *results[ACTIONS_MAX];
    struct node *item = copy_node(model->old);
    for (size_t i = 0; i < update->actions_count; i++) {
        const struct update_action *action = &update->actions[i];
        results[i] = action->kind == UPDATE_SET      ? evaluate(model, &action->operand)
                     : action->kind == UPDATE_REMOVE ? NULL
                                                     : amend(model, action);
    }
    for (size_t i = 0; i < update->actions_count && model->message == NULL; i++) {
        place(model, item, &update->actions[i].path, results[i]);
    }
    close_holes(item);
    return model->message != NULL ? model->message : text_of(item);
}

/* ---- random updates ---- */

struct writer {
    struct random *random;
    struct node *item;
    struct buffer text;
};

/* Mostly into what is there, so that not every update is refused. */
static void append_path(struct writer *writer)
{
    struct random *random = writer->random;
    struct node *node = writer->item;
    for (size_t depth = 0; depth < DEPTH_MAX; depth++) {
        bool is_map = node != NULL && node->type == ATTRIBUTE_M;
        bool is_list = node != NULL && node->type == ATTRIBUTE_L;
        if (depth > 0 && (random_once_in(random, 3) || (!is_map && !is_list)) &&
            !random_once_in(random, 40)) {
            return;
        }
        bool by_name =
            depth == 0 || (is_list ? random_once_in(random, 20) : !random_once_in(random, 20));
        size_t part = random_below(random, by_name ? NAMES_COUNT : 4);
        if (by_name) {
            buffer_append_format(&writer->text, "%s%c", depth > 0 ? "." : "", (int)('p' + part));
        } else {
            buffer_append_format(&writer->text, "[%zu]", part);
        }
        node = (by_name ? is_map : is_list) ? node->parts[part] : NULL;
    }
}

/* :a is a number, :b a set, :c a list, :d a map, :e a string. */
static void append_placeholder(struct writer *writer, const char *choices)
{
    size_t choice = random_below(writer->random, strlen(choices));
    buffer_append_format(&writer->text, ":%c", (int)choices[choice]);
}

static void append_operand(struct writer *writer, const char *choices, size_t depth)
{
    switch (random_below(writer->random, depth < 2 ? 6 : 3)) {
    case 0:
        append_path(writer);
        break;
    case 3:
    case 4:
        buffer_append_text(&writer->text, "if_not_exists(");
        append_path(writer);
        buffer_append_text(&writer->text, ", ");
        append_operand(writer, choices, depth + 1);
        buffer_append_text(&writer->text, ")");
        break;
    case 5:
        buffer_append_text(&writer->text, "list_append(");
        append_operand(writer, "c", depth + 1);
        buffer_append_text(&writer->text, ", ");
        append_operand(writer, "c", depth + 1);
        buffer_append_text(&writer->text, ")");
        break;
    default:
        append_placeholder(writer, choices);
        break;
    }
}

static void append_action(struct writer *writer, enum update_action_kind kind)
{
    append_path(writer);
    switch (kind) {
    case UPDATE_SET:
        buffer_append_text(&writer->text, " = ");
        if (random_once_in(writer->random, 4)) {
            append_operand(writer, "a", 1);
            buffer_append_text(&writer->text, random_once_in(writer->random, 2) ? " + " : " - ");
            append_operand(writer, "a", 1);
        } else {
            append_operand(writer, "abcde", 0);
        }
        break;
    case UPDATE_REMOVE:
        break;
    case UPDATE_ADD:
    case UPDATE_DELETE:
        buffer_append_text(&writer->text, " ");
        append_placeholder(writer, kind == UPDATE_ADD ? "ab" : "b");
        break;
    }
}

static const char *random_update(struct random *random, struct node *item)
{
    static const char *const clauses[] = { "SET ", "REMOVE ", "ADD ", "DELETE " };
    struct writer writer = { .random = random, .item = item };
    size_t left = random_below(random, ACTIONS_MAX) + 1;
    size_t first = random_below(random, 4);
    buffer_init(&writer.text, &arena, 256);
    for (size_t i = 0; i < 4 && left > 0; i++) {
        size_t clause = (first + i) % 4;
        size_t count = i == 3 ? left : random_below(random, left + 1);
        for (size_t j = 0; j < count; j++) {
            buffer_append_text(&writer.text, j == 0 ? clauses[clause] : ", ");
            append_action(&writer, (enum update_action_kind)clause);
        }
        buffer_append_text(&writer.text, count > 0 ? " " : "");
        left -= count;
    }
    return bytes_to_text(&arena, buffer_view(&writer.text));
}

/* ---- the comparison ---- */

struct tally {
    size_t updated;
    size_t refused;
};

static const char *values_text(struct model *model)
{
    struct buffer text;
    buffer_init(&text, &arena, 256);
    for (size_t i = 0; i < TYPES_COUNT; i++) {
        buffer_append_format(&text, "%s:%c: ", i == 0 ? "{" : ", ", (int)('a' + i));
        print_node(&text, model->values[i]);
    }
    buffer_append_text(&text, "}");
    return bytes_to_text(&arena, buffer_view(&text));
}

static void run_round(struct random *random, struct tally *tally)
{
    struct model model = { .old = make_node(ATTRIBUTE_M, 0) };
    for (size_t i = 0; i < NAMES_COUNT; i++) {
        model.old->parts[i] = random_once_in(random, 4) ? NULL : random_node(random, 0);
    }
    for (size_t i = 0; i < TYPES_COUNT; i++) {
        model.values[i] = random_node_of(random, TYPES[i], 1);
    }
    struct expression_context context;
    struct update *update;
    const char *item = text_of(model.old);
    const char *values = values_text(&model);
    const char *text = random_update(random, model.old);
    struct placeholders placeholders = expressions_placeholders(&arena, NULL, values);
    expression_init(&context, &arena, EXPRESSION_UPDATE);
    assert_true(placeholders_prepare(&context, &placeholders));
    assert_true(update_parse(&context, bytes_of_text(text), &update));
    if (!update_resolve(&context, update, &placeholders)) {
        return; /* overlapping paths, types that never fit: no item is needed to tell */
    }
    const char *expected = expect(&model, update);
    struct bytes result;
    bool updated = update_apply(&context, update, literal_item(&arena, item), &result);
    const char *actual = updated ? literal_of_item(&arena, result) : expressions_refusal(&context);
    if (strcmp(actual, expected) != 0 || (updated && !item_is_valid(result))) {
        fail_msg("%s\n  with %s\n  of %s\n  gives %s\n  not %s", text, values, item, actual,
                 expected);
    }
    tally->updated += updated ? 1 : 0;
    tally->refused += updated ? 0 : 1;
}

static void updates_agree_with_a_second_evaluator(void **state)
{
    (void)state;
    struct random random;
    struct tally tally = { 0 };
    size_t rounds = random_rounds(40000);
    random_start(&random, "update_model");
    arena_init(&arena);
    for (size_t i = 0; i < rounds; i++) {
        run_round(&random, &tally);
        arena_reset(&arena);
    }
    arena_deinit(&arena);
    printf("%zu updated, %zu refused, of %zu\n", tally.updated, tally.refused, rounds);
    assert_true(tally.updated > rounds / 20);
    assert_true(tally.refused > rounds / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_agree_with_a_second_evaluator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
