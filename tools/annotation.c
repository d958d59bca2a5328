#include "tools/annotation.h"

#include "storage/base/arena.h"

#include <assert.h>
#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    EXIT_CODE_MAX = 255,
    EVERY_S_DEFAULT = 1,
    EVERY_S_MAX = 3600,
    WITHIN_S_DEFAULT = 60,
    WITHIN_S_MAX = 24 * 3600,
    MESSAGE_SIZE = 512,
};

struct parser {
    struct arena *arena;
    struct step *step;
    struct expectation *expectations;
    size_t count;
    size_t capacity;
    bool exit_given;
    bool until_given;
    const char *error;
};

/* Notes what is wrong; returns false for the caller to return. */
static bool fail(struct parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct parser *parser, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    parser->error = bytes_to_text(parser->arena, bytes_of_text(message));
    return false;
}

static void expect(struct parser *parser, struct expectation expectation)
{
    assert(parser->count < parser->capacity);
    parser->expectations[parser->count++] = expectation;
}

static bool parse_number(const char *digits, int minimum, int maximum, int *out_number)
{
    int number = 0;
    for (const char *digit = digits; *digit != '\0'; digit++) {
        if (*digit < '0' || *digit > '9' || number > maximum) {
            return false;
        }
        number = number * 10 + (*digit - '0');
    }
    if (digits[0] == '\0' || number < minimum || number > maximum) {
        return false;
    }
    *out_number = number;
    return true;
}

static bool apply_exit(struct parser *parser, const char *value)
{
    if (parser->exit_given) {
        return fail(parser, "exit is given twice");
    }
    parser->exit_given = true;
    int code = 0;
    if (strcmp(value, "nonzero") == 0) {
        expect(parser, (struct expectation){ .kind = EXPECT_EXIT_NONZERO });
    } else if (parse_number(value, 0, EXIT_CODE_MAX, &code)) {
        expect(parser, (struct expectation){ .kind = EXPECT_EXIT, .exit = code });
    } else {
        return fail(parser, "exit must be 0 to %d or nonzero, not \"%s\"", EXIT_CODE_MAX, value);
    }
    return true;
}

static bool apply_contains(struct parser *parser, const char *value)
{
    expect(parser, (struct expectation){ .kind = EXPECT_CONTAINS, .text = value });
    return true;
}

static bool apply_absent(struct parser *parser, const char *value)
{
    expect(parser, (struct expectation){ .kind = EXPECT_ABSENT, .text = value });
    return true;
}

static bool apply_matches(struct parser *parser, const char *value)
{
    regex_t pattern;
    int code = regcomp(&pattern, value, REG_EXTENDED | REG_NOSUB);
    if (code != 0) {
        char reason[MESSAGE_SIZE / 2];
        (void)regerror(code, &pattern, reason, sizeof reason);
        return fail(parser, "matches=\"%s\" is not a regular expression: %s", value, reason);
    }
    regfree(&pattern);
    expect(parser, (struct expectation){ .kind = EXPECT_MATCHES, .text = value });
    return true;
}

static bool apply_until(struct parser *parser, const char *value)
{
    if (parser->until_given) {
        return fail(parser, "until is given twice");
    }
    parser->until_given = true;
    expect(parser, (struct expectation){ .kind = EXPECT_UNTIL, .text = value });
    return true;
}

static bool
apply_seconds(struct parser *parser, const char *word, const char *value, int maximum, int *seconds)
{
    if (*seconds != 0) {
        return fail(parser, "%s is given twice", word);
    }
    if (!parse_number(value, 1, maximum, seconds)) {
        return fail(parser, "%s must be 1 to %d seconds, not \"%s\"", word, maximum, value);
    }
    return true;
}

static bool apply_every(struct parser *parser, const char *value)
{
    return apply_seconds(parser, "every", value, EVERY_S_MAX, &parser->step->every_s);
}

static bool apply_within(struct parser *parser, const char *value)
{
    return apply_seconds(parser, "within", value, WITHIN_S_MAX, &parser->step->within_s);
}

static bool apply_skip(struct parser *parser, const char *value)
{
    if (parser->step->skip != NULL) {
        return fail(parser, "skip is given twice");
    }
    parser->step->skip = value;
    return true;
}

static const struct {
    const char *word;
    bool value_optional;
    bool (*apply)(struct parser *parser, const char *value);
} ANNOTATIONS[] = {
    { "exit", false, apply_exit },     { "contains", false, apply_contains },
    { "absent", false, apply_absent }, { "matches", false, apply_matches },
    { "until", false, apply_until },   { "every", false, apply_every },
    { "within", false, apply_within }, { "skip", true, apply_skip },
};

static bool apply(struct parser *parser, const char *word, const char *value)
{
    for (size_t i = 0; i < sizeof ANNOTATIONS / sizeof ANNOTATIONS[0]; i++) {
        if (strcmp(ANNOTATIONS[i].word, word) == 0) {
            if ((value == NULL || value[0] == '\0') && !ANNOTATIONS[i].value_optional) {
                return fail(parser, "%s needs a value: %s=…", word, word);
            }
            return ANNOTATIONS[i].apply(parser, value == NULL ? "" : value);
        }
    }
    return fail(parser, "unknown annotation \"%s\"", word);
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* quoted = '"' { character } '"'   the reader stands behind the first quote */
static const char *parse_quoted(struct parser *parser, struct reader *text, const char *word)
{
    struct buffer value;
    buffer_init(&value, parser->arena, reader_left(text) + 1);
    while (reader_left(text) > 0 && *text->next != '"') {
        uint8_t byte = reader_u8(text);
        if (byte == '\\' && reader_left(text) > 0 && (*text->next == '"' || *text->next == '\\')) {
            byte = reader_u8(text);
        }
        buffer_append_u8(&value, byte);
    }
    if (reader_left(text) == 0) {
        (void)fail(parser, "the quote after %s= is not closed", word);
        return NULL;
    }
    (void)reader_u8(text);
    if (reader_left(text) > 0 && !is_blank(*text->next)) {
        (void)fail(parser, "a blank is missing after the value of %s", word);
        return NULL;
    }
    return bytes_to_text(parser->arena, buffer_view(&value));
}

/* Up to a blank, the end or `stop`. */
static const char *parse_word(struct parser *parser, struct reader *text, uint8_t stop)
{
    const uint8_t *start = text->next;
    while (reader_left(text) > 0 && !is_blank(*text->next) && *text->next != stop) {
        (void)reader_u8(text);
    }
    struct bytes word = { .data = start, .length = (size_t)(text->next - start) };
    return bytes_to_text(parser->arena, word);
}

/* annotation = word [ "=" value ] */
static bool parse_annotation(struct parser *parser, struct reader *text)
{
    const char *word = parse_word(parser, text, '=');
    const char *value = NULL;
    if (reader_left(text) > 0 && *text->next == '=') {
        (void)reader_u8(text);
        if (reader_left(text) > 0 && *text->next == '"') {
            (void)reader_u8(text);
            value = parse_quoted(parser, text, word);
            if (value == NULL) {
                return false;
            }
        } else {
            value = parse_word(parser, text, ' ');
        }
    }
    return apply(parser, word, value);
}

/* What is left to say once all annotations are read. */
static bool complete(struct parser *parser)
{
    struct step *step = parser->step;
    if (!parser->until_given && (step->every_s != 0 || step->within_s != 0)) {
        return fail(parser, "every and within say how to wait for until=…, which is missing");
    }
    if (parser->until_given) {
        step->every_s = step->every_s != 0 ? step->every_s : EVERY_S_DEFAULT;
        step->within_s = step->within_s != 0 ? step->within_s : WITHIN_S_DEFAULT;
    }
    if (!parser->exit_given) {
        expect(parser, (struct expectation){ .kind = EXPECT_EXIT, .exit = 0 });
    }
    step->expectations = parser->expectations;
    step->expectation_count = parser->count;
    return true;
}

const char *annotation_parse(struct arena *arena, struct bytes text, struct step *out_step)
{
    /* An annotation takes at least two bytes with its blank; one more says exit=0 if none does. */
    size_t capacity = text.length / 2 + 2;
    struct parser parser = {
        .arena = arena,
        .step = out_step,
        .expectations = arena_alloc(arena, capacity * sizeof(struct expectation)),
        .capacity = capacity,
    };
    out_step->skip = NULL;
    out_step->every_s = 0;
    out_step->within_s = 0;
    struct reader reader = reader_of(text);
    while (reader_left(&reader) > 0) {
        if (is_blank(*reader.next)) {
            (void)reader_u8(&reader);
        } else if (!parse_annotation(&parser, &reader)) {
            return parser.error;
        }
    }
    return complete(&parser) ? NULL : parser.error;
}
