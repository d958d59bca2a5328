/* An estimate for programs; the members are listed in docs/tools.md. */

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/estimate/told.h"

#include <stdio.h>

static void print_interval(const char *name, const struct interval *interval)
{
    (void)printf(",\n\"%s\":{\"Estimate\":%.15g,\"Low\":%.15g,\"High\":%.15g}", name,
                 interval->value, interval->low, interval->high);
}

static void print_range(const char *name, double low, double high)
{
    (void)printf(",\n\"%s\":{\"Low\":%.15g,\"High\":%.15g}", name, low, high);
}

static void print_head(const struct told *told)
{
    const struct reading *reading = told->reading;
    struct arena arena;
    struct buffer head;
    arena_init(&arena);
    buffer_init(&head, &arena, 256);
    buffer_append_text(&head, "{\"TableName\":");
    json_append_text(&head, told->table);
    buffer_append_text(&head, ",\"IndexName\":");
    json_append_text(&head, told->index->name);
    (void)printf("%.*s", BYTES_ARGUMENTS(buffer_view(&head)));
    arena_deinit(&arena);
    bool is_whole = reading->place_count == reading->places_total;
    (void)printf(",\n\"IsComplete\":%s,\"ItemsRead\":%llu,\"ReadUnits\":%.15g",
                 is_whole ? "true" : "false", (unsigned long long)reading->items,
                 reading->units_read);
    if (!is_whole) {
        (void)printf(",\"PlacesRead\":%zu,\"Places\":%llu,\"Confidence\":0.95",
                     reading->place_count, (unsigned long long)reading->places_total);
        if (told->build->places_needed > 0) {
            (void)printf(",\"PlacesNeeded\":%.0f", told->build->places_needed);
        }
    }
}

static void print_time(const struct told *told)
{
    const struct build *build = told->build;
    if (!build->has_time) {
        return;
    }
    (void)printf(",\n\"WriteUnitsPerSecond\":%.15g,\"IsAssumed\":%s",
                 told->terms->write_units - told->terms->live_write_units,
                 told->is_on_demand ? "true" : "false");
    print_interval("WritingSeconds", &build->writing_seconds);
    print_range("BuildSeconds", build->build_seconds.low, build->build_seconds.high);
}

static void print_costs(const struct build *build)
{
    if (build->has_on_demand_cost) {
        print_interval("OnDemandCost", &build->on_demand_cost);
    }
    if (build->has_write_cost) {
        print_interval("MillionWritesCost", &build->write_cost);
    }
    if (build->has_provisioned_cost) {
        print_range("ProvisionedCost", build->provisioned_cost.low, build->provisioned_cost.high);
    }
    if (build->has_storage_cost) {
        print_interval("StorageCostPerMonth", &build->storage_cost);
    }
}

void told_json(const struct told *told)
{
    const struct build *build = told->build;
    print_head(told);
    print_interval("Items", &build->items);
    print_interval("Entries", &build->entries);
    print_interval("EntryBytes", &build->entry_bytes);
    print_interval("StorageBytes", &build->storage_bytes);
    print_interval("WriteUnits", &build->write_units);
    if (build->has_averages) {
        print_interval("BytesPerEntry", &build->average_bytes);
        print_interval("WriteUnitsPerEntry", &build->average_write_units);
    }
    print_range("EmptyTableSeconds", EMPTY_TABLE_SECONDS_LOW, EMPTY_TABLE_SECONDS_HIGH);
    print_time(told);
    print_costs(build);
    (void)puts("}");
}
