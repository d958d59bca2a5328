#include "tools/load/template_members.h"

#include "tools/client/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DECIMALS_MAX = 9, MS_PER_SECOND = 1000, SECONDS_PER_DAY = 24 * 60 * 60 };

static const double WHOLE_MAX = 9007199254740992; /* 2^53: JSON holds it exactly */

/* ---- where, and what is wrong ---- */

size_t template_enter(struct template_reader *reader, const char *member)
{
    size_t length = strlen(reader->path);
    (void)snprintf(reader->path + length, sizeof reader->path - length, "%s%s",
                   length > 0 ? "." : "", member);
    return length;
}

void template_leave(struct template_reader *reader, size_t length)
{
    reader->path[length] = '\0';
}

__attribute__((format(printf, 2, 0))) static bool
fail(struct template_reader *reader, const char *format, va_list arguments)
{
    int length = snprintf(reader->reason, reader->size, "%s%s", reader->path,
                          reader->path[0] != '\0' ? ": " : "");
    if (length >= 0 && (size_t)length < reader->size) {
        (void)vsnprintf(reader->reason + length, reader->size - (size_t)length, format, arguments);
    }
    return false;
}

bool template_fail(struct template_reader *reader, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fail(reader, format, arguments);
    va_end(arguments);
    return false;
}

bool template_fail_at(struct template_reader *reader, const char *member, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t length = template_enter(reader, member);
    (void)fail(reader, format, arguments);
    template_leave(reader, length);
    va_end(arguments);
    return false;
}

/* ---- names ---- */

bool template_check_no_repeats(struct template_reader *reader, const struct cJSON *object)
{
    for (const struct cJSON *node = json_first(object); node != NULL; node = json_next(node)) {
        for (const struct cJSON *next = json_next(node); next != NULL; next = json_next(next)) {
            if (strcmp(json_name(node), json_name(next)) == 0) {
                return template_fail_at(reader, json_name(node), "is there twice");
            }
        }
    }
    return true;
}

bool template_check_names(struct template_reader *reader,
                          const struct cJSON *object,
                          const char *const *names,
                          size_t count)
{
    for (const struct cJSON *node = json_first(object); node != NULL; node = json_next(node)) {
        bool is_known = false;
        for (size_t i = 0; i < count; i++) {
            is_known = is_known || strcmp(names[i], json_name(node)) == 0;
        }
        if (!is_known) {
            return template_fail_at(reader, json_name(node), "not known");
        }
    }
    return template_check_no_repeats(reader, object);
}

/* ---- numbers ---- */

bool template_read_number(struct template_reader *reader,
                          const struct cJSON *object,
                          const char *member,
                          double *number)
{
    const struct cJSON *node = json_member(object, member);
    if (node != NULL && !json_is_number(node)) {
        return template_fail_at(reader, member, "must be a number");
    }
    *number = json_number(node, *number);
    return true;
}

bool template_read_share(struct template_reader *reader,
                         const struct cJSON *object,
                         const char *member,
                         double *share)
{
    if (!template_read_number(reader, object, member, share)) {
        return false;
    }
    return (*share >= 0 && *share <= 1) || template_fail_at(reader, member, "must be from 0 to 1");
}

static bool is_whole(double number)
{
    return number >= -WHOLE_MAX && number <= WHOLE_MAX && number == (double)(int64_t)number;
}

bool template_read_whole(struct template_reader *reader,
                         const struct cJSON *object,
                         const char *member,
                         int64_t *out_number)
{
    const struct cJSON *node = json_member(object, member);
    double number = json_number(node, 0);
    if (!json_is_number(node) || !is_whole(number)) {
        return template_fail_at(reader, member, "must be a whole number");
    }
    *out_number = (int64_t)number;
    return true;
}

bool template_read_span(struct template_reader *reader,
                        const struct cJSON *object,
                        const char *member,
                        int64_t least,
                        int64_t most,
                        struct value_rule *rule)
{
    const struct cJSON *node = json_member(object, member);
    const struct cJSON *first = json_is_list(node) ? json_first(node) : node;
    const struct cJSON *second = json_is_list(node) && first != NULL ? json_next(first) : node;
    double from = json_number(first, -1);
    double to = json_number(second, -1);
    bool is_pair = json_is_number(node) || json_count(node) == 2;
    if (!is_pair || !is_whole(from) || !is_whole(to) || from < (double)least || from > to ||
        to > (double)most) {
        return template_fail_at(reader, member,
                                "must be a whole number from %lld to %lld or [least, most]",
                                (long long)least, (long long)most);
    }
    rule->least = (int64_t)from;
    rule->most = (int64_t)to;
    return true;
}

static bool read_distribution(struct template_reader *reader,
                              const struct cJSON *object,
                              struct value_rule *rule)
{
    static const char *const names[] = { [DISTRIBUTION_UNIFORM] = "Uniform",
                                         [DISTRIBUTION_NORMAL] = "Normal",
                                         [DISTRIBUTION_ZIPF] = "Zipf" };
    const struct cJSON *node = json_member(object, "Distribution");
    const char *name = node == NULL ? names[DISTRIBUTION_UNIFORM] : json_text(node, "");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0) {
            rule->distribution = (enum distribution)i;
            return true;
        }
    }
    return template_fail_at(reader, "Distribution", "must be Uniform, Normal or Zipf");
}

/* The member times `scale`, which must make it whole. */
static bool read_scaled(struct template_reader *reader,
                        const struct cJSON *object,
                        const char *member,
                        double scale,
                        int64_t *out_number)
{
    const struct cJSON *node = json_member(object, member);
    double scaled = json_number(node, 0) * scale;
    if (!json_is_number(node) || scaled < -WHOLE_MAX || scaled > WHOLE_MAX) {
        return template_fail_at(reader, member,
                                "must be a number with at most 15 digits, those of Decimals "
                                "counted");
    }
    *out_number = (int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    double back = (double)*out_number / scale;
    return back == json_number(node, 0) ||
           template_fail_at(reader, member, "has more decimals than Decimals says");
}

bool template_read_number_range(struct template_reader *reader,
                                const struct cJSON *object,
                                struct value_rule *rule)
{
    double decimals = 0;
    double scale = 1;
    if (!template_read_number(reader, object, "Decimals", &decimals)) {
        return false;
    }
    if (!is_whole(decimals) || decimals < 0 || decimals > DECIMALS_MAX) {
        return template_fail_at(reader, "Decimals", "must be a whole number from 0 to %d",
                                DECIMALS_MAX);
    }
    rule->decimals = (int)decimals;
    for (int i = 0; i < rule->decimals; i++) {
        scale *= 10;
    }
    if (!read_scaled(reader, object, "From", scale, &rule->least) ||
        !read_scaled(reader, object, "To", scale, &rule->most)) {
        return false;
    }
    if (rule->least > rule->most) {
        return template_fail_at(reader, "To", "must not be less than From");
    }
    return read_distribution(reader, object, rule);
}

/* ---- times ---- */

/* Days from 1970-01-01; the year begins in March, so that the leap day is its last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era_years = year / 400;
    int64_t year_of_era = year - era_years * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era_years * 146097 + day_of_era - 719468;
}

static bool is_digit_at(const char *text, const char *form, size_t at)
{
    return form[at] == '0' ? text[at] >= '0' && text[at] <= '9' : text[at] == form[at];
}

/* "2024-01-31" or "2024-01-31T23:59:59Z" */
static bool read_time(const char *text, int64_t *out_ms)
{
    static const char form[] = "0000-00-00T00:00:00Z";
    int64_t parts[6] = { 0, 0, 0, 0, 0, 0 };
    size_t length = strlen(text);
    size_t part = 0;
    if (length != sizeof form - 1 && length != sizeof "0000-00-00" - 1) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!is_digit_at(text, form, i)) {
            return false;
        }
        if (form[i] == '0') {
            parts[part] = parts[part] * 10 + (text[i] - '0');
        } else {
            part++;
        }
    }
    bool is_real = parts[1] >= 1 && parts[1] <= 12 && parts[2] >= 1 && parts[2] <= 31 &&
                   parts[3] < 24 && parts[4] < 60 && parts[5] < 60;
    int64_t days = days_of(parts[0], parts[1], parts[2]);
    bool is_in_month = is_real && days < days_of(parts[0] + parts[1] / 12, parts[1] % 12 + 1, 1);
    *out_ms = (days * SECONDS_PER_DAY + (parts[3] * 60 + parts[4]) * 60 + parts[5]) * MS_PER_SECOND;
    return is_in_month;
}

static bool read_time_member(struct template_reader *reader,
                             const struct cJSON *object,
                             const char *member,
                             int64_t *out_ms)
{
    return read_time(json_text(json_member(object, member), ""), out_ms) ||
           template_fail_at(reader, member,
                            "must be a time like \"2024-01-31\" or \"2024-01-31T23:59:59Z\"");
}

bool template_read_times(struct template_reader *reader,
                         const struct cJSON *object,
                         struct value_rule *rule)
{
    static const char *const names[] = { [TIME_ISO] = "Iso",
                                         [TIME_EPOCH_SECONDS] = "EpochSeconds",
                                         [TIME_EPOCH_MILLISECONDS] = "EpochMilliseconds" };
    bool is_text = rule->type[0] == 'S';
    const char *name = json_text(json_member(object, "Timestamp"), "");
    bool is_known = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0 && (i == TIME_ISO) == is_text) {
            rule->time_form = (enum time_form)i;
            is_known = true;
        }
    }
    if (!is_known) {
        return template_fail_at(reader, "Timestamp", "must be %s of type %s",
                                is_text ? "Iso" : "EpochSeconds or EpochMilliseconds", rule->type);
    }
    if (!read_time_member(reader, object, "From", &rule->least) ||
        !read_time_member(reader, object, "To", &rule->most)) {
        return false;
    }
    if (rule->least > rule->most) {
        return template_fail_at(reader, "To", "must not be before From");
    }
    return read_distribution(reader, object, rule);
}
