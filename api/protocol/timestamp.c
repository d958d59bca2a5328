#include "api/protocol/timestamp.h"

#include <time.h>

enum { MS_PER_SECOND = 1000, SECONDS_PER_DAY = 24 * 60 * 60 };

/* Exactly `count` digits, or false. */
static bool read_digits(struct reader *reader, size_t count, int *out_value)
{
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t digit = reader_u8(reader);
        if (digit < '0' || digit > '9') {
            return false;
        }
        value = value * 10 + (digit - '0');
    }
    *out_value = value;
    return !reader->failed;
}

static bool read_letter(struct reader *reader, char letter)
{
    if (reader_left(reader) > 0 && *reader->next == (uint8_t)letter) {
        reader->next++;
        return true;
    }
    return false;
}

/* Days since 1970 of a date of the Gregorian calendar; years begin in March, so that a leap day is
 * their last. */
static int64_t days_of_date(int year, int month, int day)
{
    int64_t shifted_year = month <= 2 ? year - 1 : year;
    int64_t era = shifted_year / 400;
    int64_t year_of_era = shifted_year % 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static bool read_date(struct reader *reader, int64_t *out_days)
{
    static const int lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year;
    int month;
    int day;
    if (!read_digits(reader, 4, &year) || !read_letter(reader, '-') ||
        !read_digits(reader, 2, &month) || !read_letter(reader, '-') ||
        !read_digits(reader, 2, &day) || month < 1 || month > 12 || day < 1 ||
        day > lengths[month - 1]) {
        return false;
    }
    *out_days = days_of_date(year, month, day);
    return true;
}

/* Up to milliseconds; what is finer is left out. */
static bool read_fraction(struct reader *reader, int *out_milliseconds)
{
    int scale = MS_PER_SECOND / 10;
    int milliseconds = 0;
    int digit;
    if (!read_digits(reader, 1, &digit)) {
        return false;
    }
    do {
        milliseconds += digit * scale;
        scale /= 10;
    } while (reader_left(reader) > 0 && *reader->next >= '0' && *reader->next <= '9' &&
             read_digits(reader, 1, &digit));
    *out_milliseconds = milliseconds;
    return true;
}

static bool read_zone(struct reader *reader, int *out_offset_minutes)
{
    int hours;
    int minutes;
    *out_offset_minutes = 0;
    if (reader_left(reader) == 0 || read_letter(reader, 'Z')) {
        return true;
    }
    bool is_west = read_letter(reader, '-');
    if ((!is_west && !read_letter(reader, '+')) || !read_digits(reader, 2, &hours)) {
        return false;
    }
    (void)read_letter(reader, ':');
    if (!read_digits(reader, 2, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *out_offset_minutes = (hours * 60 + minutes) * (is_west ? -1 : 1);
    return true;
}

static bool read_time(struct reader *reader, int64_t *out_milliseconds)
{
    int hours;
    int minutes;
    int seconds = 0;
    int fraction = 0;
    int offset_minutes;
    if (!read_digits(reader, 2, &hours) || !read_letter(reader, ':') ||
        !read_digits(reader, 2, &minutes)) {
        return false;
    }
    if (read_letter(reader, ':') && !read_digits(reader, 2, &seconds)) {
        return false;
    }
    if (read_letter(reader, '.') && !read_fraction(reader, &fraction)) {
        return false;
    }
    if (!read_zone(reader, &offset_minutes) || hours > 23 || minutes > 59 || seconds > 60) {
        return false;
    }
    int64_t in_seconds = (hours * 60 + minutes - offset_minutes) * 60 + seconds;
    *out_milliseconds = in_seconds * MS_PER_SECOND + fraction;
    return true;
}

bool timestamp_parse(struct bytes text, int64_t *out_milliseconds)
{
    struct reader reader = reader_of(text);
    int64_t days;
    int64_t of_day = 0;
    if (!read_date(&reader, &days)) {
        return false;
    }
    if (reader_left(&reader) > 0 && (!read_letter(&reader, 'T') || !read_time(&reader, &of_day))) {
        return false;
    }
    if (reader.failed || reader_left(&reader) > 0) {
        return false;
    }
    *out_milliseconds = days * SECONDS_PER_DAY * MS_PER_SECOND + of_day;
    return true;
}

void timestamp_append(struct buffer *to, int64_t milliseconds)
{
    time_t seconds = (time_t)(milliseconds / MS_PER_SECOND);
    struct tm parts;
    (void)gmtime_r(&seconds, &parts);
    buffer_append_format(to, "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900,
                         parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                         parts.tm_sec);
    if (milliseconds % MS_PER_SECOND != 0) {
        buffer_append_format(to, ".%03d", (int)(milliseconds % MS_PER_SECOND));
    }
    buffer_append_u8(to, 'Z');
}
