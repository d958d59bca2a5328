#include "storage/items/item_change.h"

#include "storage/base/arena.h"

/* The write that one index needs; planned while the old item can still be read. */
struct index_plan {
    struct index_entry old_entry;
    struct index_entry new_entry;
};

static size_t image_size(const struct index_entry *entry)
{
    return entry->exists ? item_size(entry->item) : 0;
}

static void plan_index(struct arena *arena,
                       const struct item_change *change,
                       const struct index_definition *index,
                       const uint8_t item_hash[KEY_HASH_SIZE],
                       struct index_plan *out_plan)
{
    out_plan->old_entry.exists = false;
    out_plan->new_entry.exists = false;
    if (index->phase == INDEX_DELETING) {
        return;
    }
    if (change->old_item.data != NULL) {
        index_entry_of_item(arena, index, change->old_item, item_hash, &out_plan->old_entry);
    }
    if (change->new_item.data != NULL) {
        index_entry_of_item(arena, index, change->new_item, item_hash, &out_plan->new_entry);
    }
}

static struct index_effect effect_of(const struct index_plan *plan)
{
    const struct index_entry *before = &plan->old_entry;
    const struct index_entry *after = &plan->new_entry;
    struct index_effect effect = {
        .old_size_bytes = image_size(before),
        .new_size_bytes = image_size(after),
    };
    effect.is_changed = before->exists || after->exists;
    if (before->exists && after->exists) {
        effect.is_moved = !bytes_equal(key_view(&before->key), key_view(&after->key));
        effect.is_changed = effect.is_moved || !bytes_equal(before->item, after->item);
    }
    return effect;
}

static bool is_building(const struct index_definition *index)
{
    return index->phase == INDEX_ALLOCATING || index->phase == INDEX_BACKFILLING;
}

static void apply_index(struct txn *txn,
                        const struct index_definition *index,
                        const struct index_plan *plan,
                        struct index_effect effect)
{
    if (!effect.is_changed) {
        return;
    }
    /* An index that is still being filled may not have the old entry yet. */
    bool is_removed = plan->old_entry.exists && (!plan->new_entry.exists || effect.is_moved);
    bool was_there = true;
    if (is_removed) {
        was_there = txn_delete(txn, index->database, key_view(&plan->old_entry.key));
    } else if (plan->old_entry.exists && is_building(index)) {
        struct bytes present;
        was_there = txn_get(txn, index->database, key_view(&plan->old_entry.key), &present);
    }
    if (plan->new_entry.exists) {
        txn_put(txn, index->database, key_view(&plan->new_entry.key), plan->new_entry.item);
    }
    txn_grow(txn, index->database,
             (int64_t)effect.new_size_bytes - (was_there ? (int64_t)effect.old_size_bytes : 0));
}

static struct index_plan *plan_indexes(struct arena *arena,
                                       const struct item_change *change,
                                       struct index_effect *out_effects)
{
    const struct table_definition *table = change->table;
    struct index_plan *plans = arena_alloc(arena, table->index_count * sizeof *plans);
    uint8_t item_hash[KEY_HASH_SIZE];
    if (table->index_count > 0) {
        index_item_hash(arena, &table->key, change->key_values, item_hash);
    }
    for (size_t i = 0; i < table->index_count; i++) {
        plan_index(arena, change, &table->indexes[i], item_hash, &plans[i]);
        out_effects[i] = effect_of(&plans[i]);
    }
    return plans;
}

void item_change_plan(struct arena *arena,
                      const struct item_change *change,
                      struct index_effect *out_effects)
{
    (void)plan_indexes(arena, change, out_effects);
}

void item_change_apply(struct txn *txn,
                       struct arena *arena,
                       const struct item_change *change,
                       struct index_effect *out_effects)
{
    const struct table_definition *table = change->table;
    const struct index_plan *plans = plan_indexes(arena, change, out_effects);
    size_t old_size = change->old_item.data != NULL ? item_size(change->old_item) : 0;
    size_t new_size = change->new_item.data != NULL ? item_size(change->new_item) : 0;

    for (size_t i = 0; i < table->index_count; i++) {
        /* The new image may still be borrowed by the plans, the old one only through
         * PROJECTION_ALL: neither is read from the map after the first put below, for keys are
         * copies. */
        apply_index(txn, &table->indexes[i], &plans[i], out_effects[i]);
    }
    if (change->new_item.data != NULL) {
        txn_put(txn, table->database, key_view(change->key), change->new_item);
    } else if (change->old_item.data != NULL) {
        (void)txn_delete(txn, table->database, key_view(change->key));
    }
    txn_grow(txn, table->database, (int64_t)new_size - (int64_t)old_size);
}
