#include "storage/metrics/metric_history.h"

#include "storage/base/arena.h"
#include "storage/lmdb/layout.h"

#include <nettle/md5.h>
#include <string.h>

enum {
    HOUR_SIZE = 4,
    KEY_SIZE = HOUR_SIZE + MD5_DIGEST_SIZE,
    CELL_SIZE = 1 + 4 * 8, /* minute of the hour, sum, minimum, maximum, count */
    TRIMMED_PER_STEP = 256,
};

/* ---- keys ---- */

/* Big-endian, so that the first key is the oldest. */
static void write_hour(uint8_t *to, int64_t minute)
{
    uint32_t hour = (uint32_t)(minute / METRIC_HOUR_MINUTES);
    for (size_t i = 0; i < HOUR_SIZE; i++) {
        to[i] = (uint8_t)(hour >> (24 - 8 * i));
    }
}

static int64_t first_minute_of_key(struct bytes key)
{
    int64_t hour = 0;
    for (size_t i = 0; i < HOUR_SIZE; i++) {
        hour = hour << 8 | key.data[i];
    }
    return hour * METRIC_HOUR_MINUTES;
}

static void digest_part(struct md5_ctx *md5, struct bytes part)
{
    md5_update(md5, part.length, part.data);
    md5_update(md5, 1, (const uint8_t *)""); /* names have no zero bytes */
}

static struct bytes
key_of(const struct metric_series *series, int64_t minute, uint8_t out_key[KEY_SIZE])
{
    struct md5_ctx md5;
    write_hour(out_key, minute);
    md5_init(&md5);
    digest_part(&md5, bytes_of_text(metric_name(series->metric)));
    digest_part(&md5, series->table_name);
    digest_part(&md5, series->index_name);
    digest_part(&md5, series->operation);
    md5_digest(&md5, MD5_DIGEST_SIZE, out_key + HOUR_SIZE);
    return (struct bytes){ out_key, KEY_SIZE };
}

/* ---- records ---- */

static void append_double(struct buffer *buffer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    buffer_append_u64(buffer, bits);
}

static double read_double(struct reader *reader)
{
    uint64_t bits = reader_u64(reader);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void append_series(struct buffer *record, const struct metric_series *series)
{
    buffer_append_sized(record, bytes_of_text(metric_name(series->metric)));
    buffer_append_sized(record, series->table_name);
    buffer_append_sized(record, series->index_name);
    buffer_append_sized(record, series->operation);
}

static void append_cell(struct buffer *record, uint8_t minute, const struct metric_value *value)
{
    buffer_append_u8(record, minute);
    append_double(record, value->sum);
    append_double(record, value->minimum);
    append_double(record, value->maximum);
    buffer_append_u64(record, value->count);
}

/* False for a metric of a name that this version does not know. */
static bool read_series(struct reader *reader, struct metric_series *out_series)
{
    struct bytes name = reader_sized(reader);
    out_series->table_name = reader_sized(reader);
    out_series->index_name = reader_sized(reader);
    out_series->operation = reader_sized(reader);
    return metric_of_name(name, &out_series->metric);
}

static uint8_t read_cell(struct reader *reader, struct metric_value *out_value)
{
    uint8_t minute = reader_u8(reader);
    out_value->sum = read_double(reader);
    out_value->minimum = read_double(reader);
    out_value->maximum = read_double(reader);
    out_value->count = reader_u64(reader);
    return minute;
}

/* The cells of one series and hour, merged into `values`, one a minute of the hour. */
static void
read_hour(struct txn *txn, struct bytes record, struct metric_value values[METRIC_HOUR_MINUTES])
{
    struct reader reader = reader_of(record);
    struct metric_series series;
    (void)read_series(&reader, &series);
    while (!reader.failed && reader_left(&reader) > 0) {
        struct metric_value value;
        uint8_t minute = read_cell(&reader, &value);
        if (!reader.failed && minute < METRIC_HOUR_MINUTES) {
            metric_value_merge(&values[minute], &value);
        }
    }
    if (reader.failed) {
        txn_fail(txn, STORAGE_CORRUPT);
    }
}

void metric_history_add(struct txn *txn,
                        struct arena *arena,
                        const struct metric_series *series,
                        int64_t minute,
                        const struct metric_value *value)
{
    uint8_t key_memory[KEY_SIZE];
    struct bytes key = key_of(series, minute, key_memory);
    struct metric_value values[METRIC_HOUR_MINUTES] = { 0 };
    struct bytes record;
    struct buffer changed;
    if (txn_get(txn, DATABASE_METRICS, key, &record)) {
        read_hour(txn, record, values);
    }
    metric_value_merge(&values[minute % METRIC_HOUR_MINUTES], value);
    buffer_init(&changed, arena, 512);
    append_series(&changed, series);
    for (int i = 0; i < METRIC_HOUR_MINUTES; i++) {
        if (values[i].count > 0) {
            append_cell(&changed, (uint8_t)i, &values[i]);
        }
    }
    txn_put(txn, DATABASE_METRICS, key, buffer_view(&changed));
}

void metric_history_read(struct txn *txn,
                         const struct metric_series *series,
                         int64_t start,
                         int64_t end,
                         struct metric_value *values)
{
    for (int64_t hour = start - start % METRIC_HOUR_MINUTES; hour < end;
         hour += METRIC_HOUR_MINUTES) {
        uint8_t key_memory[KEY_SIZE];
        struct metric_value of_hour[METRIC_HOUR_MINUTES] = { 0 };
        struct bytes record;
        if (!txn_get(txn, DATABASE_METRICS, key_of(series, hour, key_memory), &record)) {
            continue;
        }
        read_hour(txn, record, of_hour);
        for (int64_t i = 0; i < METRIC_HOUR_MINUTES; i++) {
            if (hour + i >= start && hour + i < end) {
                metric_value_merge(&values[hour + i - start], &of_hour[i]);
            }
        }
    }
}

/* ---- all of it ---- */

static int64_t last_minute(struct txn *txn, struct bytes key, struct bytes record)
{
    struct metric_value values[METRIC_HOUR_MINUTES] = { 0 };
    int64_t last = METRIC_HOUR_MINUTES - 1;
    read_hour(txn, record, values);
    while (last > 0 && values[last].count == 0) {
        last--;
    }
    return first_minute_of_key(key) + last;
}

void metric_history_visit(struct txn *txn, int64_t minute, metric_visit *visit, void *context)
{
    uint8_t from[HOUR_SIZE];
    struct cursor cursor;
    struct bytes key;
    struct bytes record;
    write_hour(from, minute > 0 ? minute : 0);
    cursor_open(txn, DATABASE_METRICS, &cursor);
    bool found = cursor_seek(&cursor, (struct bytes){ from, HOUR_SIZE }, &key, &record);
    while (found) {
        struct reader reader = reader_of(record);
        struct metric_series series;
        if (key.length != KEY_SIZE) {
            txn_fail(txn, STORAGE_CORRUPT);
            break;
        }
        if (read_series(&reader, &series)) {
            visit(context, &series, last_minute(txn, key, record));
        }
        found = cursor_next(&cursor, &key, &record);
    }
    cursor_close(&cursor);
}

/* The oldest key, if its hour was over before `minute`; borrowed. */
static bool find_old(struct txn *txn, int64_t minute, struct bytes *out_key)
{
    struct cursor cursor;
    struct bytes record;
    cursor_open(txn, DATABASE_METRICS, &cursor);
    bool found = cursor_seek(&cursor, BYTES(""), out_key, &record) && out_key->length == KEY_SIZE &&
                 first_minute_of_key(*out_key) + METRIC_HOUR_MINUTES <= minute;
    cursor_close(&cursor);
    return found;
}

bool metric_history_trim(struct txn *txn, int64_t minute)
{
    for (size_t i = 0; i < TRIMMED_PER_STEP; i++) {
        uint8_t memory[KEY_SIZE];
        struct bytes key;
        if (!find_old(txn, minute, &key)) {
            return false;
        }
        memcpy(memory, key.data, KEY_SIZE);
        (void)txn_delete(txn, DATABASE_METRICS, (struct bytes){ memory, KEY_SIZE });
    }
    return true;
}
