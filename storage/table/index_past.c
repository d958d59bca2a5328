#include "storage/table/index_past.h"

#include "storage/table/catalog.h"

struct wanted {
    struct arena *arena;
    const struct table_definition *table;
    const struct index_definition *index;
};

/*
 * The same index, ACTIVE. One that was deleted and made again may have the same name and database;
 * when it became ACTIVE tells them apart.
 */
static bool has_index(void *context, struct txn *txn)
{
    const struct wanted *wanted = context;
    struct table_definition *table =
        catalog_find(txn, wanted->arena, wanted->table->qualified_name);
    if (table == NULL || !bytes_equal(table->id, wanted->table->id)) {
        return false;
    }
    const struct index_definition *index = table_find_index(table, wanted->index->name);
    return index != NULL && index->phase == INDEX_ACTIVE &&
           index->database == wanted->index->database &&
           index->phase_due_ms == wanted->index->phase_due_ms;
}

bool index_past_begin(struct txn *present,
                      struct arena *arena,
                      const struct table_definition *table,
                      const struct index_definition *index,
                      int64_t age_ms,
                      struct past_view *out_view)
{
    struct wanted wanted = { .arena = arena, .table = table, .index = index };
    return past_begin(present, age_ms, has_index, &wanted, out_view);
}
