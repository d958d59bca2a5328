#include "api/tables/policy_document.h"

#include "api/tables/table_input.h"

#include <string.h>

enum { POLICY_SIZE_MAX = 20480, ACCOUNT_SIZE = 12 };

#define INVALID_POLICY INVALID_PARAMETER "Invalid policy document: "

static bool fail_policy(struct request *request, const char *what)
{
    return api_fail(request, API_VALIDATION, INVALID_POLICY "%s", what);
}

/* The service tells where its parser stopped; we only know that it would, and say the end. */
static bool fail_syntax(struct request *request, struct bytes text)
{
    return api_fail(request, API_VALIDATION, INVALID_POLICY "Syntax error at position (1,%zu)",
                    text.length + 1);
}

/* ---- parts of statements ---- */

static const struct cJSON *either(const struct cJSON *statement, const char *one, const char *other)
{
    const struct cJSON *node = json_member(statement, one);
    return node != NULL ? node : json_member(statement, other);
}

static bool is_text(const struct cJSON *node, const char *text)
{
    return json_kind(node) == JSON_STRING && json_text_is(node, text);
}

static bool is_allow(const struct cJSON *effect)
{
    return json_kind(effect) == JSON_STRING && json_text_is_in_any_case(effect, "Allow");
}

/* "*", {"AWS":"*"} or a list with one in it. */
static bool names_everyone(const struct cJSON *principal)
{
    const struct cJSON *users = principal;
    if (json_kind(principal) == JSON_OBJECT) {
        users = json_member(principal, "AWS");
    }
    if (users == NULL || json_kind(users) != JSON_ARRAY) {
        return users != NULL && is_text(users, "*");
    }
    for (const struct cJSON *user = json_first(users); user != NULL; user = json_next(user)) {
        if (is_text(user, "*")) {
            return true;
        }
    }
    return false;
}

/* ---- checks ---- */

static bool check_statement(struct request *request, struct bytes text, const struct cJSON *node)
{
    static const char *const known[] = { "Sid",          "Effect",      "Principal",
                                         "NotPrincipal", "Action",      "NotAction",
                                         "Resource",     "NotResource", "Condition" };
    if (json_kind(node) != JSON_OBJECT) {
        return fail_syntax(request, text);
    }
    for (const struct cJSON *member = json_first(node); member != NULL;
         member = json_next(member)) {
        bool is_known = false;
        for (size_t i = 0; !is_known && i < sizeof known / sizeof *known; i++) {
            is_known = json_name_is(member, known[i]);
        }
        if (!is_known) {
            return fail_syntax(request, text);
        }
    }
    const struct cJSON *effect = json_member(node, "Effect");
    const struct cJSON *principal = either(node, "Principal", "NotPrincipal");
    if (effect == NULL) {
        return fail_policy(request, "Missing required field Effect");
    }
    if (principal == NULL) {
        return fail_policy(request, "Missing required field Principal");
    }
    if (either(node, "Action", "NotAction") == NULL) {
        return fail_policy(request, "Missing required field Action");
    }
    if (either(node, "Resource", "NotResource") == NULL) {
        return fail_policy(request, "Missing required field Resource");
    }
    bool is_effect = is_allow(effect) ||
                     (json_kind(effect) == JSON_STRING && json_text_is_in_any_case(effect, "Deny"));
    bool is_principal = json_kind(principal) == JSON_OBJECT || is_text(principal, "*");
    return (is_effect && is_principal) || fail_syntax(request, text);
}

static bool check_sids(struct request *request, const struct cJSON *statements)
{
    for (const struct cJSON *one = json_first(statements); one != NULL; one = json_next(one)) {
        const struct cJSON *sid = json_member(one, "Sid");
        for (const struct cJSON *other = json_next(one); sid != NULL && other != NULL;
             other = json_next(other)) {
            const struct cJSON *other_sid = json_member(other, "Sid");
            if (other_sid != NULL && json_kind(sid) == JSON_STRING &&
                json_kind(other_sid) == JSON_STRING &&
                bytes_equal(json_text(request->arena, sid), json_text(request->arena, other_sid))) {
                return fail_policy(request, "The Statement Ids in the policy are not unique");
            }
        }
    }
    return true;
}

static bool check_bounds(struct request *request, const struct cJSON *statement)
{
    const struct cJSON *principal = json_member(statement, "Principal");
    if (is_allow(json_member(statement, "Effect")) && principal != NULL &&
        names_everyone(principal) && json_member(statement, "Condition") == NULL) {
        return api_fail(request, API_VALIDATION,
                        "Resource-based policy grants unbounded access in one or more elements. "
                        "Please revise the policy to ensure least-privilege form of access");
    }
    return true;
}

/* The statements as a list: a document may have one alone, without brackets. */
static bool check_document(struct request *request, struct bytes text, const struct cJSON *document)
{
    const struct cJSON *statement = json_member(document, "Statement");
    if (statement == NULL) {
        return fail_syntax(request, text);
    }
    if (json_kind(statement) == JSON_OBJECT) {
        return check_statement(request, text, statement) && check_bounds(request, statement);
    }
    if (json_kind(statement) != JSON_ARRAY) {
        return fail_syntax(request, text);
    }
    if (json_count(statement) == 0) {
        return fail_policy(request, "Could not parse the policy: Statement is empty!");
    }
    for (const struct cJSON *each = json_first(statement); each != NULL; each = json_next(each)) {
        if (!check_statement(request, text, each)) {
            return false;
        }
    }
    if (!check_sids(request, statement)) {
        return false;
    }
    for (const struct cJSON *each = json_first(statement); each != NULL; each = json_next(each)) {
        if (!check_bounds(request, each)) {
            return false;
        }
    }
    return true;
}

/* ---- the form that is kept ---- */

struct document_writer {
    struct arena *arena;
    struct json_writer json;
};

static void write_node(struct document_writer *to, const struct cJSON *node)
{
    switch (json_kind(node)) {
    case JSON_STRING:
        json_write_text(&to->json, json_text(to->arena, node));
        break;
    case JSON_NUMBER:
        json_write_double(&to->json, json_number(node));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        json_write_boolean(&to->json, json_kind(node) == JSON_TRUE);
        break;
    case JSON_ARRAY:
        if (json_count(node) == 1) {
            write_node(to, json_first(node));
            break;
        }
        json_open_array(&to->json);
        for (const struct cJSON *each = json_first(node); each != NULL; each = json_next(each)) {
            write_node(to, each);
        }
        json_close_array(&to->json);
        break;
    case JSON_OBJECT:
        json_open_object(&to->json);
        for (const struct cJSON *each = json_first(node); each != NULL; each = json_next(each)) {
            json_write_name(&to->json, json_name(to->arena, each));
            write_node(to, each);
        }
        json_close_object(&to->json);
        break;
    case JSON_NULL:
        json_write_raw(&to->json, BYTES("null"));
        break;
    }
}

static bool is_account(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return text.length == ACCOUNT_SIZE;
}

/* An account stands for its root user. */
static struct bytes user_of(struct document_writer *to, const struct cJSON *node)
{
    struct bytes text = json_text(to->arena, node);
    struct buffer root;
    if (!is_account(text)) {
        return text;
    }
    buffer_init(&root, to->arena, 64);
    buffer_append_text(&root, "arn:aws:iam::");
    buffer_append_bytes(&root, text);
    buffer_append_text(&root, ":root");
    return buffer_view(&root);
}

/* A list of users, each once; one alone without brackets. */
static void write_users(struct document_writer *to, const struct cJSON *list)
{
    size_t count = 0;
    struct bytes *users = arena_alloc(to->arena, json_count(list) * sizeof *users);
    for (const struct cJSON *each = json_first(list); each != NULL; each = json_next(each)) {
        if (json_kind(each) != JSON_STRING) {
            write_node(to, list); /* whatever it is */
            return;
        }
        struct bytes user = user_of(to, each);
        bool is_new = true;
        for (size_t i = 0; is_new && i < count; i++) {
            is_new = !bytes_equal(users[i], user);
        }
        if (is_new) {
            users[count++] = user;
        }
    }
    if (count == 1) {
        json_write_text(&to->json, users[0]);
        return;
    }
    json_open_array(&to->json);
    for (size_t i = 0; i < count; i++) {
        json_write_text(&to->json, users[i]);
    }
    json_close_array(&to->json);
}

static void write_principal(struct document_writer *to, const struct cJSON *principal)
{
    if (json_kind(principal) != JSON_OBJECT) {
        write_node(to, principal);
        return;
    }
    json_open_object(&to->json);
    for (const struct cJSON *each = json_first(principal); each != NULL; each = json_next(each)) {
        json_write_name(&to->json, json_name(to->arena, each));
        if (json_kind(each) == JSON_STRING) {
            json_write_text(&to->json, user_of(to, each));
        } else if (json_kind(each) == JSON_ARRAY) {
            write_users(to, each);
        } else {
            write_node(to, each);
        }
    }
    json_close_object(&to->json);
}

static void
write_member(struct document_writer *to, const struct cJSON *statement, const char *name)
{
    const struct cJSON *node = json_member(statement, name);
    if (node == NULL) {
        return;
    }
    json_write_key(&to->json, name);
    if (strcmp(name, "Effect") == 0) {
        json_write_text(&to->json, is_allow(node) ? BYTES("Allow") : BYTES("Deny"));
    } else if (strcmp(name, "Principal") == 0 || strcmp(name, "NotPrincipal") == 0) {
        write_principal(to, node);
    } else {
        write_node(to, node);
    }
}

static void write_statement(struct document_writer *to, const struct cJSON *statement)
{
    static const char *const names[] = { "Sid",          "Effect",      "Principal",
                                         "NotPrincipal", "Action",      "NotAction",
                                         "Resource",     "NotResource", "Condition" };
    json_open_object(&to->json);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        write_member(to, statement, names[i]);
    }
    json_close_object(&to->json);
}

static struct bytes canonical(struct arena *arena, const struct cJSON *document)
{
    struct buffer text;
    buffer_init(&text, arena, 1024);
    struct document_writer to = { .arena = arena, .json = json_writer_of(&text) };
    const struct cJSON *statement = json_member(document, "Statement");
    json_open_object(&to.json);
    write_member(&to, document, "Version");
    write_member(&to, document, "Id");
    json_write_key(&to.json, "Statement");
    json_open_array(&to.json);
    if (json_kind(statement) == JSON_OBJECT) {
        write_statement(&to, statement);
    } else {
        for (const struct cJSON *each = json_first(statement); each != NULL;
             each = json_next(each)) {
            write_statement(&to, each);
        }
    }
    json_close_array(&to.json);
    json_close_object(&to.json);
    return buffer_view(&text);
}

bool policy_of_text(struct request *request, struct bytes text, struct bytes *out_document)
{
    const struct cJSON *document;
    if (text.length > POLICY_SIZE_MAX) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Maximum policy size of %d bytes exceeded",
                        POLICY_SIZE_MAX);
    }
    if (!json_parse(request->arena, text, &document) || json_kind(document) == JSON_ARRAY) {
        return fail_policy(request, "This policy contains invalid Json");
    }
    if (json_kind(document) != JSON_OBJECT) {
        return fail_policy(request, "This text appears not to be a policy");
    }
    if (!check_document(request, text, document)) {
        return false;
    }
    *out_document = canonical(request->arena, document);
    return true;
}

/* ---- reading what is kept ---- */

struct bytes policy_to_reader(struct arena *arena, struct bytes document)
{
    static const char version[] = "{\"Version\":\"2008-10-17\",";
    struct buffer text;
    if (bytes_start_with(document, BYTES("{\"Version\""))) {
        return document;
    }
    buffer_init(&text, arena, sizeof version + document.length);
    buffer_append_text(&text, version);
    buffer_append(&text, document.data + 1, document.length - 1);
    return buffer_view(&text);
}

static bool covers_put(const struct cJSON *action)
{
    static const char *const patterns[] = { "*", "dynamodb:*", "dynamodb:Put*",
                                            "dynamodb:PutResourcePolicy" };
    if (action == NULL || json_kind(action) == JSON_ARRAY) {
        for (const struct cJSON *each = action != NULL ? json_first(action) : NULL; each != NULL;
             each = json_next(each)) {
            if (covers_put(each)) {
                return true;
            }
        }
        return false;
    }
    bool covers = false;
    for (size_t i = 0; !covers && i < sizeof patterns / sizeof *patterns; i++) {
        covers = json_kind(action) == JSON_STRING && json_text_is_in_any_case(action, patterns[i]);
    }
    return covers;
}

bool policy_locks_out(struct arena *arena, struct bytes document)
{
    const struct cJSON *root;
    if (!json_parse(arena, document, &root)) {
        return false;
    }
    for (const struct cJSON *each = json_first(json_member(root, "Statement")); each != NULL;
         each = json_next(each)) {
        const struct cJSON *principal = json_member(each, "Principal");
        if (!is_allow(json_member(each, "Effect")) && principal != NULL &&
            names_everyone(principal) && json_member(each, "Condition") == NULL &&
            covers_put(json_member(each, "Action"))) {
            return true;
        }
    }
    return false;
}
