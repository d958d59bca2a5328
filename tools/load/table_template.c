#include "tools/load/table_template.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"

#include <stdio.h>
#include <string.h>

/* ---- whether they fit ---- */

static bool can_be_empty(const struct value_rule *rule)
{
    bool has_length = rule->kind == VALUE_TEXT || rule->kind == VALUE_BINARY;
    bool is_empty = (has_length && rule->least == 0) ||
                    (rule->kind == VALUE_PATTERN && rule->pattern.count == 0);
    for (size_t i = 0; i < rule->choice_count; i++) {
        is_empty = is_empty || rule->choices[i].text.length == 0;
    }
    return is_empty;
}

static bool key_fits(const struct template *template,
                     const struct key_part *key,
                     const struct index_shape *index,
                     char *out_reason,
                     size_t reason_size)
{
    const char *owner = index->name != NULL ? "index " : "the table";
    const char *name = index->name != NULL ? index->name : "";
    const struct attribute_rule *rule = template_find(template, key->name);
    const char *fault = NULL;
    if (rule == NULL) {
        fault = index->name == NULL ? "is not in the template" : NULL;
    } else if (rule->value.type[0] != key->type || rule->value.type[1] != '\0') {
        (void)snprintf(out_reason, reason_size, "%s is of type %s, but %c as a key of %s%s",
                       key->name, rule->value.type, key->type, owner, name);
        return false;
    } else if (rule->missing_share > 0 && index->name == NULL) {
        fault = "cannot be missing";
    } else if (rule->wrong_type_share > 0) {
        fault = "cannot have a wrong type";
    } else if (can_be_empty(&rule->value)) {
        fault = "cannot be empty";
    }
    if (fault != NULL) {
        (void)snprintf(out_reason, reason_size, "%s %s: it is a key of %s%s", key->name, fault,
                       owner, name);
    }
    return fault == NULL;
}

static bool keys_fit(const struct template *template,
                     const struct index_shape *index,
                     char *out_reason,
                     size_t reason_size)
{
    for (size_t i = 0; i < index->key_count; i++) {
        if (!key_fits(template, &index->keys[i], index, out_reason, reason_size)) {
            return false;
        }
    }
    return true;
}

bool table_template_fits(const struct template *template,
                         const struct table_shape *table,
                         char *out_reason,
                         size_t reason_size)
{
    bool fits = keys_fit(template, &table->self, out_reason, reason_size);
    for (size_t i = 0; fits && i < table->index_count; i++) {
        fits = keys_fit(template, &table->indexes[i], out_reason, reason_size);
    }
    return fits;
}

/* ---- a template of a table ---- */

/* Attributes that tables have besides their keys. */
static const struct {
    const char *name;
    const char *rule;
} PLAIN[] = {
    { "created_at", "{\"Type\": \"S\", \"Timestamp\": \"Iso\", \"From\": \"2023-01-01\","
                    " \"To\": \"2026-01-01\"}" },
    { "status", "{\"Type\": \"S\", \"Choices\": [{\"Value\": \"done\", \"Weight\": 8}, \"open\","
                " \"failed\"], \"Missing\": 0.02, \"WrongType\": 0.01}" },
    { "amount", "{\"Type\": \"N\", \"From\": 0, \"To\": 1000, \"Decimals\": 2,"
                " \"Distribution\": \"Zipf\", \"Missing\": 0.02, \"WrongType\": 0.01}" },
    { "active", "{\"Type\": \"BOOL\", \"True\": 0.9}" },
    { "tags", "{\"Type\": \"SS\", \"Count\": [1, 3], \"Missing\": 0.2,"
              " \"Element\": {\"Type\": \"S\", \"Pattern\": \"tag-{1-20}\"}}" },
    { "note", "{\"Type\": \"S\", \"Length\": [20, 200]}" },
};

enum { PLAIN_COUNT = sizeof PLAIN / sizeof *PLAIN };

static bool is_key_of(const struct index_shape *index, const char *name)
{
    for (size_t i = 0; i < index->key_count; i++) {
        if (strcmp(index->keys[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the table or one of the first `count` indexes has the attribute as a key. */
static bool is_key(const struct table_shape *table, size_t count, const char *name)
{
    bool found = is_key_of(&table->self, name);
    for (size_t i = 0; !found && i < count; i++) {
        found = is_key_of(&table->indexes[i], name);
    }
    return found;
}

static void append_name(struct buffer *to, const char *name)
{
    buffer_append_text(to, to->length > 0 ? ",\n    " : "{\n  \"Attributes\": {\n    ");
    json_append_text(to, name);
    buffer_append_text(to, ": ");
}

/* A text for a pattern, whose braces are its own. */
static void append_pattern(struct buffer *to, const char *name, const char *placeholder)
{
    struct buffer pattern;
    buffer_init(&pattern, to->arena, 64);
    for (const char *letter = name; *letter != '\0'; letter++) {
        bool is_brace = *letter == '{' || *letter == '}';
        buffer_append_format(&pattern, "%.*s%c", is_brace ? 1 : 0, letter, *letter);
    }
    buffer_append_format(&pattern, "-%s", placeholder);
    buffer_append_text(to, "{\"Type\": \"S\", \"Pattern\": ");
    json_append_text(to, bytes_to_text(to->arena, buffer_view(&pattern)));
}

/* `is_last`: this part of the key makes it unique. */
static void append_table_key(struct buffer *to, const struct key_part *key, bool is_last)
{
    append_name(to, key->name);
    if (key->type == 'S') {
        append_pattern(to, key->name, is_last ? "{number:10}" : "{1-1000}");
        buffer_append_text(to, "}");
    } else if (key->type == 'N') {
        buffer_append_text(to, is_last ? "{\"Type\": \"N\", \"Start\": 1}"
                                       : "{\"Type\": \"N\", \"From\": 1, \"To\": 1000}");
    } else {
        buffer_append_text(to, "{\"Type\": \"B\", \"Length\": 16}");
    }
}

static void append_index_key(struct buffer *to, const struct key_part *key)
{
    append_name(to, key->name);
    if (key->type == 'S') {
        append_pattern(to, key->name, "{1-100}");
    } else {
        buffer_append_text(to, key->type == 'N' ? "{\"Type\": \"N\", \"From\": 0, \"To\": 1000000"
                                                : "{\"Type\": \"B\", \"Length\": 8");
    }
    buffer_append_text(to, ", \"Missing\": 0.02}");
}

struct bytes table_template_derive(struct arena *arena, const struct table_shape *table)
{
    struct buffer text;
    buffer_init(&text, arena, 1024);
    for (size_t i = 0; i < table->self.key_count; i++) {
        append_table_key(&text, &table->self.keys[i], i + 1 == table->self.key_count);
    }
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_shape *index = &table->indexes[i];
        for (size_t j = 0; j < index->key_count; j++) {
            if (!is_key(table, i, index->keys[j].name)) {
                append_index_key(&text, &index->keys[j]);
            }
        }
    }
    for (size_t i = 0; i < PLAIN_COUNT; i++) {
        if (!is_key(table, table->index_count, PLAIN[i].name)) {
            append_name(&text, PLAIN[i].name);
            buffer_append_text(&text, PLAIN[i].rule);
        }
    }
    buffer_append_text(&text, "\n  }\n}\n");
    return buffer_view(&text);
}
