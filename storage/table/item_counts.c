#include "storage/table/item_counts.h"

enum { TABLES_A_STEP = 64 };

void item_counts_read(struct txn *txn, struct table_definition *table)
{
    table->item_count = (int64_t)txn_count(txn, table->database);
    table->size_bytes = (int64_t)database_size(txn, table->database);
    for (size_t i = 0; i < table->index_count; i++) {
        struct index_definition *index = &table->indexes[i];
        index->item_count = (int64_t)txn_count(txn, index->database);
        index->size_bytes = (int64_t)database_size(txn, index->database);
    }
}

bool item_counts_refresh(struct txn *txn,
                         struct arena *arena,
                         int64_t mark_ms,
                         struct bytes after,
                         struct bytes *out_last)
{
    struct bytes names[TABLES_A_STEP];
    bool more = false;
    struct catalog_range range = { .has_all = true, .after = after, .limit = TABLES_A_STEP };
    size_t count = catalog_names(txn, arena, &range, names, &more);
    for (size_t i = 0; i < count; i++) {
        struct table_definition *table = catalog_find(txn, arena, names[i]);
        if (table != NULL && table->refreshed_ms < mark_ms) {
            item_counts_read(txn, table);
            table->refreshed_ms = mark_ms;
            catalog_put(txn, arena, table);
        }
    }
    if (more) {
        *out_last = names[count - 1];
    }
    return more;
}
