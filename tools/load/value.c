#include "tools/load/value.h"

#include "storage/base/arena.h"
#include "storage/base/time_text.h"
#include "tools/client/json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

enum { WRONG_NUMBER_MAX = 999999, NORMAL_DRAWS = 12 };

/* ---- numbers ---- */

/*
 * The sum of twelve fractions has variance 1 and is as good as normal (Irwin-Hall). The range is
 * six standard deviations wide; the few draws beyond it are made again.
 */
static int64_t draw_normal(struct random_stream *random, int64_t least, int64_t most)
{
    double width = (double)most - (double)least;
    double offset = -1;
    while (offset < 0 || offset > width) {
        double sum = 0;
        for (int i = 0; i < NORMAL_DRAWS; i++) {
            sum += random_stream_fraction(random);
        }
        offset = round(width / 2 + (sum - (double)NORMAL_DRAWS / 2) * width / 6);
    }
    return (int64_t)((uint64_t)least + (uint64_t)offset);
}

/* The k-th value of the range about 1/k as often as the first: exponent 1, by inversion. */
static int64_t draw_zipf(struct random_stream *random, int64_t least, int64_t most)
{
    double count = (double)most - (double)least + 1;
    double rank = floor(exp(random_stream_fraction(random) * log(count + 1)));
    return (int64_t)((uint64_t)least + (uint64_t)(rank > count ? count : rank) - 1);
}

static int64_t draw_number(struct random_stream *random, const struct value_rule *rule)
{
    switch (rule->distribution) {
    case DISTRIBUTION_NORMAL:
        return draw_normal(random, rule->least, rule->most);
    case DISTRIBUTION_ZIPF:
        return draw_zipf(random, rule->least, rule->most);
    case DISTRIBUTION_UNIFORM:
        break;
    }
    return random_stream_between(random, rule->least, rule->most);
}

/* As DynamoDB gives numbers back: no zeros behind the last decimal, so that a text is a value. */
static void append_decimal(struct buffer *to, int64_t scaled, int decimals)
{
    int64_t scale = 1;
    while (decimals > 0 && scaled % 10 == 0) {
        scaled /= 10;
        decimals--;
    }
    for (int i = 0; i < decimals; i++) {
        scale *= 10;
    }
    buffer_append_format(to, "%s%" PRId64, scaled < 0 && scaled / scale == 0 ? "-" : "",
                         scaled / scale);
    if (decimals > 0) {
        buffer_append_format(to, ".%0*" PRId64, decimals,
                             scaled % scale < 0 ? -(scaled % scale) : scaled % scale);
    }
}

static void append_time(struct buffer *to, const struct value_rule *rule, int64_t time_ms)
{
    switch (rule->time_form) {
    case TIME_ISO:
        time_append_iso(to, time_ms);
        buffer_append_text(to, "Z");
        break;
    case TIME_EPOCH_SECONDS:
        buffer_append_format(to, "%" PRId64, time_ms / 1000);
        break;
    case TIME_EPOCH_MILLISECONDS:
        buffer_append_format(to, "%" PRId64, time_ms);
        break;
    }
}

/* ---- what stands between quotes ---- */

static void
append_choice(struct buffer *to, const struct value_rule *rule, struct random_stream *random)
{
    double drawn = random_stream_fraction(random) * rule->choices[rule->choice_count - 1].up_to;
    size_t place = 0;
    while (place + 1 < rule->choice_count && rule->choices[place].up_to <= drawn) {
        place++;
    }
    buffer_append_bytes(to, rule->choices[place].text);
}

static void
append_binary(struct buffer *to, const struct value_rule *rule, struct random_stream *random)
{
    size_t size = (size_t)random_stream_between(random, rule->least, rule->most);
    uint8_t *raw = arena_alloc(to->arena, size);
    for (size_t i = 0; i < size; i++) {
        raw[i] = (uint8_t)random_stream_next(random);
    }
    size_t length = BASE64_ENCODE_RAW_LENGTH(size);
    base64_encode_raw((char *)buffer_reserve(to, length), size, raw);
    buffer_commit(to, length);
}

static void append_scalar(struct buffer *to,
                          const struct value_rule *rule,
                          struct random_stream *random,
                          uint64_t number)
{
    switch (rule->kind) {
    case VALUE_PATTERN:
        pattern_append(to, &rule->pattern, random, number);
        break;
    case VALUE_CHOICE:
        append_choice(to, rule, random);
        break;
    case VALUE_TEXT:
        pattern_append_letters(to, random, random_stream_between(random, rule->least, rule->most));
        break;
    case VALUE_NUMBER:
        append_decimal(to, draw_number(random, rule), rule->decimals);
        break;
    case VALUE_SERIAL:
        buffer_append_format(to, "%" PRId64, rule->least + (int64_t)number);
        break;
    case VALUE_TIME:
        append_time(to, rule, draw_number(random, rule));
        break;
    case VALUE_BINARY:
        append_binary(to, rule, random);
        break;
    case VALUE_BOOLEAN:
    case VALUE_NULL:
    case VALUE_SET:
    case VALUE_LIST:
    case VALUE_MAP:
        assert(false); /* is no text */
        break;
    }
}

/* ---- what holds others ---- */

/* Draws so many elements; those that are there already are left out. */
static void append_set(struct buffer *to,
                       const struct value_rule *rule,
                       struct random_stream *random,
                       uint64_t number)
{
    int64_t count = random_stream_between(random, rule->least, rule->most);
    struct bytes *elements = arena_alloc(to->arena, (size_t)count * sizeof *elements);
    size_t kept = 0;
    for (int64_t i = 0; i < count; i++) {
        struct buffer element;
        buffer_init(&element, to->arena, 32);
        append_scalar(&element, rule->element, random, number);
        bool is_new = true;
        for (size_t j = 0; j < kept; j++) {
            is_new = is_new && !bytes_equal(elements[j], buffer_view(&element));
        }
        if (is_new) {
            elements[kept++] = buffer_view(&element);
        }
    }
    for (size_t i = 0; i < kept; i++) {
        buffer_append_text(to, i > 0 ? ",\"" : "[\"");
        buffer_append_bytes(to, elements[i]);
        buffer_append_text(to, "\"");
    }
    buffer_append_text(to, "]");
}

static void append_list(struct buffer *to,
                        const struct value_rule *rule,
                        struct random_stream *random,
                        uint64_t number)
{
    int64_t count = random_stream_between(random, rule->least, rule->most);
    buffer_append_text(to, "[");
    for (int64_t i = 0; i < count; i++) {
        buffer_append_text(to, i > 0 ? "," : "");
        value_append(to, rule->element, random, number);
    }
    buffer_append_text(to, "]");
}

/* A value that is not of the rule's type: numbers as strings, and whatever else went wrong once. */
static void append_wrong(struct buffer *to,
                         const struct value_rule *rule,
                         struct random_stream *random,
                         uint64_t number)
{
    if (rule->type[0] == 'N' && rule->type[1] == '\0') {
        buffer_append_text(to, "{\"S\":\"");
        append_scalar(to, rule, random, number);
        buffer_append_text(to, "\"}");
    } else if (rule->type[0] == 'S' && rule->type[1] == '\0') {
        buffer_append_format(to, "{\"N\":\"%" PRId64 "\"}",
                             random_stream_between(random, 0, WRONG_NUMBER_MAX));
    } else {
        buffer_append_text(to,
                           strcmp(rule->type, "NULL") == 0 ? "{\"S\":\"\"}" : "{\"NULL\":true}");
    }
}

/* `"name":{…}`, or nothing; both draws are made in any case. True: there was something. */
static bool append_attribute(struct buffer *to,
                             const struct attribute_rule *rule,
                             struct random_stream *random,
                             uint64_t number,
                             bool is_first)
{
    bool is_missing = random_stream_fraction(random) < rule->missing_share;
    bool is_wrong = random_stream_fraction(random) < rule->wrong_type_share;
    if (is_missing) {
        return false;
    }
    buffer_append_text(to, is_first ? "" : ",");
    buffer_append_bytes(to, rule->json_name);
    buffer_append_text(to, ":");
    if (is_wrong) {
        append_wrong(to, &rule->value, random, number);
    } else {
        value_append(to, &rule->value, random, number);
    }
    return true;
}

static void append_map(struct buffer *to,
                       const struct value_rule *rule,
                       struct random_stream *random,
                       uint64_t number)
{
    bool is_first = true;
    buffer_append_text(to, "{");
    for (size_t i = 0; i < rule->members.count; i++) {
        is_first =
            !append_attribute(to, &rule->members.list[i], random, number, is_first) && is_first;
    }
    buffer_append_text(to, "}");
}

void value_append(struct buffer *to,
                  const struct value_rule *rule,
                  struct random_stream *random,
                  uint64_t number)
{
    buffer_append_format(to, "{\"%s\":", rule->type);
    switch (rule->kind) {
    case VALUE_BOOLEAN:
        buffer_append_text(to,
                           random_stream_fraction(random) < rule->true_share ? "true" : "false");
        break;
    case VALUE_NULL:
        buffer_append_text(to, "true");
        break;
    case VALUE_SET:
        append_set(to, rule, random, number);
        break;
    case VALUE_LIST:
        append_list(to, rule, random, number);
        break;
    case VALUE_MAP:
        append_map(to, rule, random, number);
        break;
    case VALUE_PATTERN:
    case VALUE_CHOICE:
    case VALUE_TEXT:
    case VALUE_NUMBER:
    case VALUE_SERIAL:
    case VALUE_TIME:
    case VALUE_BINARY:
        buffer_append_text(to, "\"");
        append_scalar(to, rule, random, number);
        buffer_append_text(to, "\"");
        break;
    }
    buffer_append_text(to, "}");
}

/* ---- items: each attribute draws from a stream of its own, so a key can be had alone ---- */

void item_generate(struct buffer *to,
                   const struct template *template,
                   uint64_t seed,
                   uint64_t number)
{
    bool is_first = true;
    buffer_append_text(to, "{");
    for (size_t i = 0; i < template->attributes.count; i++) {
        struct random_stream random = random_stream_of(seed, number, i);
        is_first =
            !append_attribute(to, &template->attributes.list[i], &random, number, is_first) &&
            is_first;
    }
    buffer_append_text(to, "}");
}

void item_generate_key(struct buffer *to,
                       const struct template *template,
                       const struct index_shape *keys,
                       uint64_t seed,
                       uint64_t number)
{
    buffer_append_text(to, "{");
    for (size_t i = 0; i < keys->key_count; i++) {
        const struct attribute_rule *rule = template_find(template, keys->keys[i].name);
        assert(rule != NULL);
        struct random_stream random =
            random_stream_of(seed, number, (uint64_t)(rule - template->attributes.list));
        (void)append_attribute(to, rule, &random, number, i == 0);
    }
    buffer_append_text(to, "}");
}
