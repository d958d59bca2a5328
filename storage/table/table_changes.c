#include "storage/table/table_changes.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static int64_t larger(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

static int64_t sooner(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* ---- throughput ---- */

uint32_t throughput_decreases_today(const struct throughput *throughput, int64_t now_ms)
{
    bool is_same_day = throughput->last_decrease_ms / DAY_MS == now_ms / DAY_MS;
    return is_same_day ? throughput->decreases_today : 0;
}

/*
 * What becomes of a throughput. The time of the change shows at once, the rest when it is done; an
 * increase and a decrease in one call are both.
 */
static void begin_throughput(struct capacity *capacity, struct throughput wanted, int64_t now_ms)
{
    struct throughput *now = &capacity->throughput;
    bool is_decrease = wanted.read_units < now->read_units || wanted.write_units < now->write_units;
    bool is_increase = wanted.read_units > now->read_units || wanted.write_units > now->write_units;
    uint32_t decreases = throughput_decreases_today(now, now_ms);
    now->decreases_today = decreases;
    if (is_increase) {
        now->last_increase_ms = now_ms;
    }
    if (is_decrease) {
        now->last_decrease_ms = now_ms;
    }
    capacity->pending_throughput = (struct throughput){
        .read_units = wanted.read_units,
        .write_units = wanted.write_units,
        .last_increase_ms = now->last_increase_ms,
        .last_decrease_ms = now->last_decrease_ms,
        .decreases_today = decreases + is_decrease,
    };
}

/* Warm throughput follows the highest there ever was. */
static void raise_warm(struct capacity *capacity, int64_t read_units, int64_t write_units)
{
    struct warm_throughput *warm = &capacity->warm;
    warm->read_units = larger(warm->read_units, read_units);
    warm->write_units = larger(warm->write_units, write_units);
    warm->pending_read_units = larger(warm->pending_read_units, warm->read_units);
    warm->pending_write_units = larger(warm->pending_write_units, warm->write_units);
}

static void end_throughput(struct capacity *capacity)
{
    capacity->throughput = capacity->pending_throughput;
    raise_warm(capacity, capacity->throughput.read_units, capacity->throughput.write_units);
}

void warm_throughput_begin(struct capacity *capacity, bool is_on_demand)
{
    if (is_on_demand) {
        raise_warm(capacity, WARM_ON_DEMAND_READ_UNITS, WARM_ON_DEMAND_WRITE_UNITS);
    } else {
        raise_warm(capacity, capacity->throughput.read_units, capacity->throughput.write_units);
    }
}

void table_begin_throughput(struct table_definition *table,
                            struct throughput wanted,
                            const struct durations *durations,
                            int64_t now_ms)
{
    begin_throughput(&table->capacity, wanted, now_ms);
    table->billing.due_ms = now_ms + durations->table_update_ms;
    table->billing.is_switching = false;
}

void index_begin_update(struct index_definition *index,
                        struct throughput wanted,
                        const struct durations *durations,
                        int64_t now_ms)
{
    begin_throughput(&index->capacity, wanted, now_ms);
    index->update_due_ms = now_ms + durations->index_update_ms;
}

static void begin_unchanged(struct index_definition *index, int64_t due_ms)
{
    index->capacity.pending_throughput = index->capacity.throughput;
    index->update_due_ms = due_ms;
}

void index_begin_on_demand_update(struct index_definition *index,
                                  const struct durations *durations,
                                  int64_t now_ms)
{
    begin_unchanged(index, now_ms + durations->index_update_ms);
}

/* A global index that may be UPDATING: not one that is made or goes in this very moment. */
static bool is_there(const struct index_definition *index)
{
    return !index->is_local && (index->phase == INDEX_ACTIVE || index->phase == INDEX_BACKFILLING);
}

/* ---- billing mode ---- */

static void drop_on_demand_limits(struct capacity *capacity)
{
    capacity->max_read_units = 0;
    capacity->max_write_units = 0;
}

void table_begin_provisioned(struct table_definition *table,
                             struct throughput wanted,
                             const struct durations *durations,
                             int64_t now_ms)
{
    struct capacity *capacity = &table->capacity;
    drop_on_demand_limits(capacity);
    capacity->throughput.read_units = wanted.read_units;
    capacity->throughput.write_units = wanted.write_units;
    capacity->pending_throughput = capacity->throughput;
    table->billing.is_switching = true;
    table->billing.due_ms = now_ms + durations->billing_provisioned_ms;
}

void index_begin_switch(struct index_definition *index,
                        struct throughput wanted,
                        const struct durations *durations,
                        int64_t now_ms)
{
    drop_on_demand_limits(&index->capacity);
    index->capacity.throughput.read_units = wanted.read_units;
    index->capacity.throughput.write_units = wanted.write_units;
    index_begin_on_demand_update(index, durations, now_ms);
}

/*
 * The units fall to 0 at once. Of the table that shows the time of a decrease until the switch is
 * done, and then no more; of indexes it stays and is counted (measured). An index that this very
 * call creates is on demand already.
 */
void table_begin_on_demand(struct table_definition *table,
                           const struct durations *durations,
                           int64_t now_ms)
{
    const struct throughput none = { 0 };
    bool is_first = !table->billing.was_on_demand;
    struct throughput *throughput = &table->capacity.throughput;
    throughput->decreases_today = throughput_decreases_today(throughput, now_ms);
    throughput->read_units = 0;
    throughput->write_units = 0;
    table->capacity.pending_throughput = *throughput;
    throughput->last_decrease_ms = now_ms;
    for (size_t i = 0; i < table->index_count; i++) {
        struct index_definition *index = &table->indexes[i];
        if (is_there(index)) {
            begin_throughput(&index->capacity, none, now_ms);
            index->capacity.throughput = index->capacity.pending_throughput;
            index_begin_on_demand_update(index, durations, now_ms);
        }
    }
    table->billing.is_switching = true;
    table->billing.due_ms =
        now_ms + (is_first ? durations->billing_on_demand_ms : durations->billing_return_ms);
}

static void end_billing(struct table_definition *table, int64_t now_ms)
{
    struct billing *billing = &table->billing;
    end_throughput(&table->capacity);
    billing->due_ms = 0;
    if (!billing->is_switching) {
        return;
    }
    billing->is_switching = false;
    billing->is_on_demand = !billing->is_on_demand;
    if (!billing->is_on_demand) {
        return;
    }
    billing->was_on_demand = true;
    billing->on_demand_since_ms = now_ms;
    warm_throughput_begin(&table->capacity, true);
    for (size_t i = 0; i < table->index_count; i++) {
        if (!table->indexes[i].is_local) {
            warm_throughput_begin(&table->indexes[i].capacity, true);
        }
    }
}

/* ---- stream, table class, encryption, warm throughput ---- */

void table_begin_stream(struct table_definition *table,
                        bool is_enabled,
                        enum stream_view view,
                        const struct durations *durations,
                        int64_t now_ms)
{
    struct stream_settings *stream = &table->stream;
    stream->is_enabled = is_enabled;
    if (is_enabled) {
        stream->view = view;
        stream->label_ms = now_ms;
    }
    stream->due_ms = now_ms + durations->stream_update_ms;
}

void table_begin_class(struct table_definition *table,
                       enum table_class wanted,
                       const struct durations *durations,
                       int64_t now_ms)
{
    table->table_class.pending = wanted;
    table->table_class.due_ms = now_ms + durations->table_class_ms;
    for (size_t i = 0; i < table->index_count; i++) { /* they show it, too (measured) */
        struct index_definition *index = &table->indexes[i];
        if (is_there(index) && index->update_due_ms == 0) {
            begin_unchanged(index, table->table_class.due_ms);
        }
    }
}

static void end_class(struct table_class_settings *table_class, int64_t now_ms)
{
    table_class->value = table_class->pending;
    table_class->changed_before_ms = table_class->changed_ms;
    table_class->changed_ms = now_ms;
    table_class->due_ms = 0;
}

void table_begin_encryption(struct table_definition *table,
                            bool is_enabled,
                            struct bytes key_arn,
                            const struct durations *durations,
                            int64_t now_ms)
{
    struct encryption *encryption = &table->encryption;
    if (encryption->window_ms == 0 || now_ms - encryption->window_ms >= DAY_MS) {
        encryption->window_ms = now_ms;
        encryption->changes = 0;
    }
    encryption->changes++;
    encryption->changed_ms = now_ms;
    encryption->pending_enabled = is_enabled;
    encryption->pending_key_arn = key_arn;
    encryption->started_ms = now_ms;
    encryption->due_ms = now_ms + durations->encryption_ms;
}

static void end_encryption(struct encryption *encryption)
{
    encryption->is_enabled = encryption->pending_enabled;
    encryption->key_arn = encryption->pending_key_arn;
    encryption->due_ms = 0;
}

void capacity_begin_warm(struct capacity *capacity,
                         int64_t read_units,
                         int64_t write_units,
                         const struct durations *durations,
                         int64_t now_ms)
{
    struct warm_throughput *warm = &capacity->warm;
    bool is_raise = read_units > warm->read_units || write_units > warm->write_units;
    warm->pending_read_units = read_units;
    warm->pending_write_units = write_units;
    if (warm->due_ms == 0) { /* one that is under way takes the new aim and keeps its time */
        warm->due_ms =
            now_ms + (is_raise ? durations->warm_throughput_ms : durations->table_update_ms);
    }
}

static void end_warm(struct warm_throughput *warm)
{
    warm->read_units = larger(warm->read_units, warm->pending_read_units);
    warm->write_units = larger(warm->write_units, warm->pending_write_units);
    warm->due_ms = 0;
}

/* ---- all together ---- */

static bool is_due(int64_t due_ms, int64_t now_ms)
{
    return due_ms != 0 && due_ms <= now_ms;
}

static void settle_index(struct index_definition *index, int64_t now_ms)
{
    if (is_due(index->update_due_ms, now_ms)) {
        end_throughput(&index->capacity);
        index->update_due_ms = 0;
    }
    if (is_due(index->capacity.warm.due_ms, now_ms)) {
        end_warm(&index->capacity.warm);
    }
}

void table_settle_changes(struct table_definition *table, int64_t now_ms)
{
    if (is_due(table->billing.due_ms, now_ms)) {
        end_billing(table, now_ms);
    }
    if (is_due(table->stream.due_ms, now_ms)) {
        table->stream.due_ms = 0;
    }
    if (is_due(table->table_class.due_ms, now_ms)) {
        end_class(&table->table_class, now_ms);
    }
    if (is_due(table->encryption.due_ms, now_ms)) {
        end_encryption(&table->encryption);
    }
    if (is_due(table->capacity.warm.due_ms, now_ms)) {
        end_warm(&table->capacity.warm);
    }
    for (size_t i = 0; i < table->index_count; i++) {
        settle_index(&table->indexes[i], now_ms);
    }
}

static int64_t sooner_of(int64_t next_ms, int64_t due_ms)
{
    return due_ms != 0 ? sooner(next_ms, due_ms) : next_ms;
}

int64_t table_next_change_ms(const struct table_definition *table)
{
    int64_t next_ms = sooner_of(CHANGES_NEVER, table->billing.due_ms);
    next_ms = sooner_of(next_ms, table->stream.due_ms);
    next_ms = sooner_of(next_ms, table->table_class.due_ms);
    next_ms = sooner_of(next_ms, table->encryption.due_ms);
    next_ms = sooner_of(next_ms, table->capacity.warm.due_ms);
    for (size_t i = 0; i < table->index_count; i++) {
        next_ms = sooner_of(next_ms, table->indexes[i].update_due_ms);
        next_ms = sooner_of(next_ms, table->indexes[i].capacity.warm.due_ms);
    }
    return next_ms;
}
