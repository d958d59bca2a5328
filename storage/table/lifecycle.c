#include "storage/table/lifecycle.h"

#include "storage/base/arena.h"
#include "storage/base/log.h"
#include "storage/items/backfill.h"
#include "storage/lmdb/env.h"
#include "storage/table/contributor_insights.h"
#include "storage/table/holds.h"
#include "storage/table/table_changes.h"

#include <assert.h>
#include <math.h>

enum { STEPS_A_SECOND = 10 }; /* of a backfill that waits for capacity */

/* ---- beginning a change ---- */

/* Warm throughput that was asked for is being made ready until `due_ms`. */
static void begin_capacity(struct capacity *capacity, bool is_on_demand, int64_t due_ms)
{
    if (capacity->warm.read_units != 0 || capacity->warm.write_units != 0) {
        capacity->warm.due_ms = due_ms;
    }
    warm_throughput_begin(capacity, is_on_demand);
}

void table_begin_create(struct txn *txn,
                        struct table_definition *table,
                        const struct durations *durations,
                        int64_t now_ms)
{
    table->status = TABLE_CREATING;
    table->created_ms = now_ms;
    table->refreshed_ms = now_ms;
    table->status_due_ms = now_ms + (table->index_count > 0 ? durations->table_create_indexed_ms
                                                            : durations->table_create_ms);
    table->database = database_take(txn);
    begin_capacity(&table->capacity, table->billing.is_on_demand, table->status_due_ms);
    for (size_t i = 0; i < table->index_count; i++) {
        struct index_definition *index = &table->indexes[i];
        index->phase = INDEX_CREATING_WITH_TABLE;
        index->phase_due_ms = table->status_due_ms;
        index->database = database_take(txn);
        begin_capacity(&index->capacity, table->billing.is_on_demand, table->status_due_ms);
    }
}

void table_begin_delete(struct table_definition *table,
                        const struct durations *durations,
                        int64_t now_ms)
{
    table->status = TABLE_DELETING;
    table->status_due_ms = now_ms + durations->table_delete_ms;
}

void index_begin_create(struct txn *txn,
                        const struct table_definition *table,
                        struct index_definition *index,
                        const struct durations *durations,
                        int64_t now_ms)
{
    index->phase = INDEX_ALLOCATING;
    index->phase_due_ms = now_ms + durations->index_allocate_ms;
    index->database = database_take(txn);
    begin_capacity(&index->capacity, table->billing.is_on_demand != table->billing.is_switching,
                   index->phase_due_ms);
}

void index_begin_delete(struct index_definition *index,
                        const struct durations *durations,
                        int64_t now_ms)
{
    index->phase = INDEX_DELETING;
    index->phase_due_ms = now_ms + durations->index_delete_ms;
    index->update_due_ms = 0;
    index->capacity.warm.due_ms = 0;
}

/* ---- going on ---- */

static bool find_hold(struct txn *txn,
                      const struct table_definition *table,
                      const struct index_definition *index,
                      enum hold_phase phase,
                      struct hold *out_hold)
{
    return hold_find(txn, table->qualified_name, index->name, out_hold) && out_hold->phase == phase;
}

bool index_is_held(struct txn *txn,
                   const struct table_definition *table,
                   const struct index_definition *index)
{
    struct hold hold;
    if (index->phase == INDEX_ALLOCATING) {
        return find_hold(txn, table, index, HOLD_ALLOCATING, &hold);
    }
    return index->phase == INDEX_BACKFILLING &&
           find_hold(txn, table, index, HOLD_BACKFILLING, &hold) &&
           backfill_find(txn, index).items_scanned >= hold.after_items;
}

/* Gives up the index's database and all that is kept beside it. */
static void drop_index(struct txn *txn,
                       struct arena *arena,
                       const struct table_definition *table,
                       const struct index_definition *index)
{
    backfill_forget(txn, index);
    (void)hold_release(txn, table->qualified_name, index->name);
    insights_forget_index(txn, arena, table->qualified_name, index->name);
    database_drop(txn, index->database);
}

static void drop_table(struct txn *txn, struct arena *arena, const struct table_definition *table)
{
    for (size_t i = 0; i < table->index_count; i++) {
        drop_index(txn, arena, table, &table->indexes[i]);
    }
    hold_forget_table(txn, table->qualified_name);
    settings_forget_table(txn, table->qualified_name);
    database_drop(txn, table->database);
    catalog_remove(txn, arena, table->qualified_name);
}

/* One due step of an index that needs no work. True when something changed; the index may be gone.
 */
static bool settle_index(struct txn *txn,
                         struct arena *arena,
                         struct table_definition *table,
                         size_t position,
                         const struct durations *durations,
                         int64_t now_ms)
{
    struct index_definition *index = &table->indexes[position];
    if (index->phase_due_ms > now_ms) {
        return false;
    }
    switch (index->phase) {
    case INDEX_ALLOCATING:
        if (index_is_held(txn, table, index)) {
            return false;
        }
        index->phase = INDEX_BACKFILLING;
        index->phase_due_ms = now_ms + durations->index_backfill_ms;
        return true;
    case INDEX_BACKFILLING:
        if (!backfill_find(txn, index).is_complete || index_is_held(txn, table, index)) {
            return false;
        }
        backfill_forget(txn, index);
        (void)hold_release(txn, table->qualified_name, index->name);
        index->phase = INDEX_ACTIVE;
        return true;
    case INDEX_CREATING_WITH_TABLE:
        index->phase = INDEX_ACTIVE;
        return true;
    case INDEX_DELETING:
        drop_index(txn, arena, table, index);
        table_remove_index(table, arena, position);
        return true;
    case INDEX_ACTIVE:
        break;
    }
    return false;
}

void table_settle(struct txn *txn,
                  struct arena *arena,
                  struct table_definition *table,
                  const struct durations *durations,
                  struct throttle *throttle,
                  int64_t now_ms)
{
    if (table->status != TABLE_ACTIVE && table->status_due_ms <= now_ms) {
        if (table->status == TABLE_DELETING) {
            drop_table(txn, arena, table);
            return;
        }
        table->status = TABLE_ACTIVE;
    }
    table_settle_changes(table, now_ms);
    for (size_t i = 0; i < table->index_count;) {
        size_t count_before = table->index_count;
        bool changed = settle_index(txn, arena, table, i, durations, now_ms);
        if (!changed && table->index_count == count_before) {
            i++;
        }
    }
    if (throttle != NULL) {
        throttle_follow(throttle, table, now_ms);
    }
    catalog_put(txn, arena, table);
}

static int64_t sooner(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

static void add_sample(const struct lifecycle_turn *turn,
                       enum metric metric,
                       const struct table_definition *table,
                       const struct index_definition *index,
                       double value)
{
    struct metric_series series = { .metric = metric,
                                    .table_name = table->qualified_name,
                                    .index_name = index->name };
    metric_samples_add(turn->samples, series, value);
}

static void measure_build(const struct lifecycle_turn *turn,
                          const struct table_definition *table,
                          const struct index_definition *index,
                          struct backfill_progress progress)
{
    add_sample(turn, METRIC_ONLINE_INDEX_PERCENTAGE_PROGRESS, table, index,
               backfill_percentage(turn->txn, table, progress));
    if (progress.write_units > 0) {
        add_sample(turn, METRIC_ONLINE_INDEX_CONSUMED_WRITE_CAPACITY, table, index,
                   (double)progress.write_units);
    }
}

/*
 * A step of the backfill, which takes the write capacity of the index as clients' writes do, and
 * waits where they are refused. Returns when to come again.
 */
static int64_t fill_index(const struct lifecycle_turn *turn,
                          const struct table_definition *table,
                          const struct index_definition *index,
                          uint64_t items_end,
                          struct backfill_progress *progress)
{
    double units = INFINITY;
    struct throttle_limit limit = throttle_limit_of_index(table, index, UNITS_OF_WRITES);
    if (turn->throttle != NULL) {
        units = throttle_available(turn->throttle, limit, turn->now_ms);
        if (units <= 0) {
            add_sample(turn, METRIC_ONLINE_INDEX_THROTTLE_EVENTS, table, index, 1);
            /* Not for every unit: a step is a transaction. */
            double worthwhile = (double)limit.units_per_second / STEPS_A_SECOND;
            return throttle_due_ms(turn->throttle, limit, worthwhile, turn->now_ms);
        }
    }
    *progress = backfill_step(turn->txn, turn->arena, table, index, items_end, units);
    if (turn->throttle != NULL) {
        throttle_charge(turn->throttle, limit, (double)progress->write_units, turn->now_ms);
    }
    return turn->now_ms; /* look again at once: more to scan, or done and perhaps due */
}

static void tell_hold(const struct lifecycle_turn *turn,
                      const struct table_definition *table,
                      const struct index_definition *index,
                      bool is_reached)
{
    const struct table_observer *observer = env_observer(turn->txn->env);
    if (is_reached && observer != NULL) {
        observer->holding(observer->context, turn->txn, turn->arena, table, index);
    }
}

/* Scans on for one index where that is what it waits for. Returns when to come again for it. */
static int64_t work_on_index(const struct lifecycle_turn *turn,
                             const struct table_definition *table,
                             const struct index_definition *index)
{
    if (index->phase == INDEX_ACTIVE) {
        return LIFECYCLE_NEVER;
    }
    if (index->phase == INDEX_BACKFILLING) {
        struct hold hold;
        int64_t next_ms = LIFECYCLE_NEVER;
        if (!find_hold(turn->txn, table, index, HOLD_BACKFILLING, &hold)) {
            hold.after_items = UINT64_MAX;
        }
        struct backfill_progress progress = backfill_find(turn->txn, index);
        bool has_more = !progress.is_complete && progress.items_scanned < hold.after_items;
        if (has_more) {
            next_ms = fill_index(turn, table, index, hold.after_items, &progress);
            tell_hold(turn, table, index, progress.items_scanned >= hold.after_items);
        }
        measure_build(turn, table, index, progress);
        if (has_more) {
            return next_ms;
        }
    } else if (index->phase == INDEX_ALLOCATING) {
        measure_build(turn, table, index, (struct backfill_progress){ 0 });
    }
    if (index_is_held(turn->txn, table, index)) {
        return LIFECYCLE_NEVER; /* until it is released */
    }
    return index->phase_due_ms;
}

static bool is_due(const struct table_definition *table, int64_t now_ms)
{
    bool due = (table->status != TABLE_ACTIVE && table->status_due_ms <= now_ms) ||
               table_next_change_ms(table) <= now_ms;
    for (size_t i = 0; !due && i < table->index_count; i++) {
        due = table->indexes[i].phase != INDEX_ACTIVE && table->indexes[i].phase_due_ms <= now_ms;
    }
    return due;
}

/* One table: what is due, then one step of work. Returns when to come again for it. */
static int64_t step_table(const struct lifecycle_turn *turn, struct bytes name)
{
    struct table_definition *table = catalog_find(turn->txn, turn->arena, name);
    if (table != NULL && is_due(table, turn->now_ms)) {
        table_settle(turn->txn, turn->arena, table, turn->durations, turn->throttle, turn->now_ms);
        table = catalog_find(turn->txn, turn->arena, name);
    }
    if (table == NULL) {
        return LIFECYCLE_NEVER;
    }
    int64_t next_ms = table_next_change_ms(table);
    if (table->status != TABLE_ACTIVE) {
        next_ms = sooner(next_ms, table->status_due_ms);
    }
    for (size_t i = 0; i < table->index_count; i++) {
        next_ms = sooner(next_ms, work_on_index(turn, table, &table->indexes[i]));
    }
    return next_ms;
}

int64_t lifecycle_step(const struct lifecycle_turn *turn)
{
    int64_t next_ms = LIFECYCLE_NEVER;
    struct bytes name = BYTES("");
    while (catalog_next_unsettled(turn->txn, turn->arena, name, &name)) {
        next_ms = sooner(next_ms, step_table(turn, name));
    }
    return next_ms;
}
