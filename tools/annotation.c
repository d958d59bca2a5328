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
    SNAPSHOT_NAME_LENGTH_MAX = 64,
    MESSAGE_SIZE = 512,
};

static const char NAME_START[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
static const char LETTERS_AND_DIGITS[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

struct parser {
    struct arena *arena;
    struct step *step;
    struct expectation *expectations;
    size_t count;
    struct capture *captures;
    size_t capture_count;
    size_t capacity; /* of both */
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

static bool check_pattern(struct parser *parser, const char *word, const char *pattern)
{
    regex_t compiled;
    int code = regcomp(&compiled, pattern, REG_EXTENDED | REG_NEWLINE);
    if (code != 0) {
        char reason[MESSAGE_SIZE / 2];
        (void)regerror(code, &compiled, reason, sizeof reason);
        return fail(parser, "%s: \"%s\" is not a regular expression: %s", word, pattern, reason);
    }
    regfree(&compiled);
    return true;
}

static bool apply_matches(struct parser *parser, const char *value)
{
    expect(parser, (struct expectation){ .kind = EXPECT_MATCHES, .text = value });
    return check_pattern(parser, "matches", value);
}

static bool apply_mismatches(struct parser *parser, const char *value)
{
    expect(parser, (struct expectation){ .kind = EXPECT_MISMATCHES, .text = value });
    return check_pattern(parser, "mismatches", value);
}

/* capture = name "=" pattern */
static bool apply_capture(struct parser *parser, const char *value)
{
    size_t length = strcspn(value, "=");
    bool is_name = length > 0 && strchr(NAME_START, value[0]) != NULL;
    for (size_t i = 0; i < length; i++) {
        is_name = is_name && (value[i] == '_' || strchr(LETTERS_AND_DIGITS, value[i]) != NULL);
    }
    if (!is_name || value[length] == '\0' || value[length + 1] == '\0') {
        return fail(parser,
                    "capture must be \"NAME=REGEX\" with the name of a variable, not \"%s\"",
                    value);
    }
    struct bytes name = { .data = (const uint8_t *)value, .length = length };
    struct capture capture = { .name = bytes_to_text(parser->arena, name),
                               .pattern = value + length + 1 };
    assert(parser->capture_count < parser->capacity);
    parser->captures[parser->capture_count++] = capture;
    return check_pattern(parser, "capture", capture.pattern);
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

/* A flag: an annotation without a value, given once. */
static bool set_flag(struct parser *parser, const char *word, const char *value, bool *flag)
{
    if (value[0] != '\0') {
        return fail(parser, "%s takes no value", word);
    }
    if (*flag) {
        return fail(parser, "%s is given twice", word);
    }
    *flag = true;
    return true;
}

static bool apply_retry(struct parser *parser, const char *value)
{
    return set_flag(parser, "retry", value, &parser->step->retry);
}

static bool apply_always(struct parser *parser, const char *value)
{
    return set_flag(parser, "always", value, &parser->step->always);
}

static bool apply_background(struct parser *parser, const char *value)
{
    parser->step->background_end = value[0] != '\0' ? value : NULL;
    return set_flag(parser, "background", "", &parser->step->background);
}

static bool apply_only(struct parser *parser, const char *value)
{
    if (parser->step->place != PLACE_ANYWHERE) {
        return fail(parser, "only is given twice");
    }
    if (strcmp(value, "aws") == 0) {
        parser->step->place = PLACE_AWS;
    } else if (strcmp(value, "rehearsedb") == 0) {
        parser->step->place = PLACE_REHEARSEDB;
    } else {
        return fail(parser, "only must be aws or rehearsedb, not \"%s\"", value);
    }
    return true;
}

/* "Delete the old index!" -> "delete-the-old-index" */
static const char *derive_snapshot_name(struct arena *arena, const char *step_name)
{
    struct buffer name;
    buffer_init(&name, arena, SNAPSHOT_NAME_LENGTH_MAX + 1);
    bool gap = false;
    for (const char *next = step_name; *next != '\0'; next++) {
        if (strchr(LETTERS_AND_DIGITS, *next) == NULL) {
            gap = name.length > 0;
            continue;
        }
        if (name.length + (gap ? 2 : 1) > SNAPSHOT_NAME_LENGTH_MAX) {
            break;
        }
        if (gap) {
            buffer_append_u8(&name, '-');
            gap = false;
        }
        bool upper = *next >= 'A' && *next <= 'Z';
        buffer_append_u8(&name, (uint8_t)(upper ? *next - 'A' + 'a' : *next));
    }
    return name.length > 0 ? bytes_to_text(arena, buffer_view(&name)) : "step";
}

static bool apply_snapshot(struct parser *parser, const char *value)
{
    if (parser->step->snapshot != NULL) {
        return fail(parser, "snapshot is given twice");
    }
    size_t length = strlen(value);
    for (size_t i = 0; i < length; i++) {
        if (strchr(LETTERS_AND_DIGITS, value[i]) == NULL && strchr("-_", value[i]) == NULL) {
            return fail(parser, "snapshot may hold letters, digits, - and _, unlike \"%s\"", value);
        }
    }
    if (length > SNAPSHOT_NAME_LENGTH_MAX) {
        return fail(parser, "snapshot may be %d characters long, unlike \"%s\"",
                    SNAPSHOT_NAME_LENGTH_MAX, value);
    }
    parser->step->snapshot =
        length > 0 ? value : derive_snapshot_name(parser->arena, parser->step->name);
    return true;
}

static const struct {
    const char *word;
    bool value_optional;
    bool (*apply)(struct parser *parser, const char *value);
} ANNOTATIONS[] = {
    { "exit", false, apply_exit },
    { "contains", false, apply_contains },
    { "absent", false, apply_absent },
    { "matches", false, apply_matches },
    { "mismatches", false, apply_mismatches },
    { "until", false, apply_until },
    { "retry", true, apply_retry },
    { "every", false, apply_every },
    { "within", false, apply_within },
    { "capture", false, apply_capture },
    { "background", true, apply_background },
    { "snapshot", true, apply_snapshot },
    { "only", false, apply_only },
    { "always", true, apply_always },
    { "skip", true, apply_skip },
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
    bool repeated = parser->until_given || step->retry;
    if (!repeated && (step->every_s != 0 || step->within_s != 0)) {
        return fail(parser,
                    "every and within say how to wait for until=… or retry, which is missing");
    }
    if (repeated && step->background) {
        return fail(parser, "a step in the background is not repeated: no until and no retry");
    }
    if (repeated) {
        step->every_s = step->every_s != 0 ? step->every_s : EVERY_S_DEFAULT;
        step->within_s = step->within_s != 0 ? step->within_s : WITHIN_S_DEFAULT;
    }
    if (!parser->exit_given && !step->background) {
        expect(parser, (struct expectation){ .kind = EXPECT_EXIT, .exit = 0 });
    }
    step->expectations = parser->expectations;
    step->expectation_count = parser->count;
    step->captures = parser->captures;
    step->capture_count = parser->capture_count;
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
        .captures = arena_alloc(arena, capacity * sizeof(struct capture)),
        .capacity = capacity,
    };
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
