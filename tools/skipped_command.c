#include "tools/skipped_command.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/exit_code.h"
#include "tools/process.h"
#include "tools/table/described.h"
#include "tools/table/item.h"
#include "tools/table/scanner.h"

#include <stdio.h>
#include <string.h>

enum { SEGMENTS = 4, READ_UNITS_MAX = 1000 * 1000, PROGRESS_MS = 200 };

static const char HELP_TEXT[] =
    "usage: rehearse skipped --table T --index I [options]\n"
    "       rehearse skipped --table T --definition FILE [--index I] [options]\n"
    "\n"
    "Reads a table and lists every item that the index leaves out, with the reason: a key\n"
    "attribute of the index is missing, has another type, is empty, or is too large (2,048 bytes\n"
    "of a partition key, 1,024 of a sort key). DynamoDB leaves such items out silently.\n"
    "\n"
    "  --table T           the table, by name or ARN\n"
    "  --index I           an index of it; with --definition the one meant in the file\n"
    "  --definition FILE   an index that is only planned (- for standard input): itself, the\n"
    "                      input of UpdateTable or CreateTable, or a DescribeTable answer\n"
    "  --limit N           list at most N items; all are counted (without: all)\n"
    "  --consistent        read consistently, for twice the read units\n"
    "  --read-units N      use at most N read units a second (without: no limit)\n"
    "  --segments N        read N parts of the table at once (4)\n" COMMAND_HELP "\n"
    "Exit codes: 0 the index takes every item, 1 some are left out, or there is no such table or\n"
    "index; 2 usage, 3 the endpoint or the file cannot be used.\n";

struct skipped {
    struct command command;
    const char *table;
    const char *index;
    const char *definition;
    int64_t limit;
    int64_t read_units;
    int64_t segment_count;
    bool is_consistent;

    struct described described;
    struct index_shape shape; /* of the index */
    struct arena page;        /* of one page's lines */
    uint64_t scanned;
    uint64_t listed;
    uint64_t reasons[SKIP_REASON_COUNT];
    int64_t told_ms;
};

/* ---- telling ---- */

static void print_json_item(struct skipped *skipped, struct bytes key, const struct skip *skip)
{
    struct buffer line;
    buffer_init(&line, &skipped->page, 256);
    buffer_append_text(&line, skipped->listed > 0 ? ",\n{\"Key\":" : "\n{\"Key\":");
    buffer_append_bytes(&line, key);
    buffer_append_format(&line,
                         ",\"Reason\":\"%s\",\"Attribute\":", skip_reason_text(skip->reason));
    json_append_text(&line, skip->attribute);
    if (skip->type != NULL) {
        buffer_append_format(&line, ",\"Type\":\"%s\"", skip->type);
    }
    if (skip->reason == SKIP_TOO_LARGE) {
        buffer_append_format(&line, ",\"SizeBytes\":%zu", skip->size_bytes);
    }
    (void)printf("%.*s}", BYTES_ARGUMENTS(buffer_view(&line)));
}

static void print_text_item(struct bytes key, const struct skip *skip)
{
    (void)printf("%.*s  %s: %s", BYTES_ARGUMENTS(key), skip_reason_text(skip->reason),
                 skip->attribute);
    if (skip->type != NULL) {
        (void)printf(" is of type %s", skip->type);
    }
    if (skip->reason == SKIP_TOO_LARGE) {
        (void)printf(" has %zu bytes", skip->size_bytes);
    }
    (void)putchar('\n');
}

static void list_item(struct skipped *skipped, const struct cJSON *item, const struct skip *skip)
{
    if (skipped->limit >= 0 && skipped->listed >= (uint64_t)skipped->limit) {
        return;
    }
    struct buffer key;
    buffer_init(&key, &skipped->page, 256);
    item_append_key(&key, item, &skipped->described.shape.self);
    if (command_shows_progress(&skipped->command)) {
        (void)fputs("\r\033[K", stdout);
    }
    if (skipped->command.is_json) {
        print_json_item(skipped, buffer_view(&key), skip);
    } else {
        print_text_item(buffer_view(&key), skip);
    }
    skipped->listed++;
}

static uint64_t count_skipped(const struct skipped *skipped)
{
    uint64_t count = 0;
    for (size_t i = SKIP_NONE + 1; i < SKIP_REASON_COUNT; i++) {
        count += skipped->reasons[i];
    }
    return count;
}

static void show_progress(struct skipped *skipped)
{
    if (!command_shows_progress(&skipped->command) ||
        process_now_ms() - skipped->told_ms < PROGRESS_MS) {
        return;
    }
    skipped->told_ms = process_now_ms();
    (void)printf("\r\033[K%llu items read, %llu left out", (unsigned long long)skipped->scanned,
                 (unsigned long long)count_skipped(skipped));
    (void)fflush(stdout);
}

static void print_text_summary(const struct skipped *skipped)
{
    uint64_t count = count_skipped(skipped);
    if (command_shows_progress(&skipped->command)) {
        (void)fputs("\r\033[K", stdout);
    }
    if (count > skipped->listed) {
        (void)printf("and %llu more\n", (unsigned long long)(count - skipped->listed));
    }
    (void)printf("%s takes %llu of %llu items of %s", skipped->shape.name,
                 (unsigned long long)skipped->reasons[SKIP_NONE],
                 (unsigned long long)skipped->scanned, skipped->described.shape.name);
    if (count > 0) {
        (void)printf("; leaves out %llu", (unsigned long long)count);
    }
    const char *separator = ": ";
    for (size_t i = SKIP_NONE + 1; i < SKIP_REASON_COUNT; i++) {
        if (skipped->reasons[i] > 0) {
            (void)printf("%s%llu %s", separator, (unsigned long long)skipped->reasons[i],
                         skip_reason_text((enum skip_reason)i));
            separator = ", ";
        }
    }
    (void)putchar('\n');
}

static void print_json_summary(const struct skipped *skipped)
{
    static const char *const names[] = {
        [SKIP_NONE] = "ItemsTaken",      [SKIP_MISSING] = "AttributeMissing",
        [SKIP_WRONG_TYPE] = "WrongType", [SKIP_EMPTY] = "Empty",
        [SKIP_TOO_LARGE] = "TooLarge",
    };
    (void)printf("],\n\"ItemsScanned\":%llu,\"ItemsSkipped\":%llu",
                 (unsigned long long)skipped->scanned, (unsigned long long)count_skipped(skipped));
    for (size_t i = 0; i < SKIP_REASON_COUNT; i++) {
        (void)printf(",\"%s\":%llu", names[i], (unsigned long long)skipped->reasons[i]);
    }
    (void)puts("}");
}

/* ---- reading ---- */

static bool take_page(void *context, size_t segment, const struct cJSON *items)
{
    struct skipped *skipped = context;
    (void)segment;
    for (const struct cJSON *item = json_first(items); item != NULL; item = json_next(item)) {
        struct skip skip = item_skip(item, &skipped->shape);
        skipped->scanned++;
        skipped->reasons[skip.reason]++;
        if (skip.reason != SKIP_NONE) {
            list_item(skipped, item, &skip);
        }
    }
    arena_reset(&skipped->page);
    show_progress(skipped);
    return true;
}

/* The table's own keys and those of the index: more is not read. */
static size_t wanted_attributes(const struct skipped *skipped, const char **out_names)
{
    const struct index_shape *shapes[] = { &skipped->described.shape.self, &skipped->shape };
    size_t count = 0;
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < shapes[i]->key_count; j++) {
            bool is_known = false;
            for (size_t k = 0; k < count; k++) {
                is_known = is_known || strcmp(out_names[k], shapes[i]->keys[j].name) == 0;
            }
            if (!is_known) {
                out_names[count++] = shapes[i]->keys[j].name;
            }
        }
    }
    return count;
}

static int scan_table(struct skipped *skipped)
{
    const char *names[2 * KEY_PARTS_MAX];
    struct segment segments[SEGMENTS_MAX] = { { .is_done = false } };
    struct scan_options options = { .command = &skipped->command,
                                    .table = skipped->table,
                                    .attributes = names,
                                    .attribute_count = wanted_attributes(skipped, names),
                                    .is_consistent = skipped->is_consistent,
                                    .read_units = skipped->read_units,
                                    .segment_count = (size_t)skipped->segment_count,
                                    .segments = segments };
    if (skipped->command.is_json) {
        struct buffer head;
        buffer_init(&head, &skipped->page, 256);
        buffer_append_text(&head, "{\"TableName\":");
        json_append_text(&head, skipped->described.shape.name);
        buffer_append_text(&head, ",\"IndexName\":");
        json_append_text(&head, skipped->shape.name);
        (void)printf("%.*s,\"Items\":[", BYTES_ARGUMENTS(buffer_view(&head)));
    }
    int code = scan_run(&options, take_page, skipped);
    segments_free(segments, SEGMENTS_MAX);
    return code;
}

static int find_shape(struct skipped *skipped, struct arena *arena)
{
    if (skipped->definition != NULL) {
        return described_read_planned(&skipped->command, &skipped->described, arena,
                                      skipped->definition, skipped->index, &skipped->shape);
    }
    const struct index_shape *shape = NULL;
    int code = described_find_index(&skipped->command, &skipped->described, skipped->index, &shape);
    if (code == CODE_FINE) {
        skipped->shape = *shape;
    }
    return code;
}

static int run(struct skipped *skipped, struct arena *arena)
{
    int code = described_ask(&skipped->command, arena, skipped->table, &skipped->described);
    if (code != CODE_FINE) {
        return code;
    }
    code = find_shape(skipped, arena);
    if (code == CODE_FINE) {
        code = scan_table(skipped);
    }
    process_yield_to_interrupt();
    if (code == CODE_FINE) {
        if (skipped->command.is_json) {
            print_json_summary(skipped);
        } else {
            print_text_summary(skipped);
        }
        code = count_skipped(skipped) == 0 ? CODE_FINE : CODE_NOT_SO;
    }
    described_free(&skipped->described);
    return code;
}

int skipped_command(int argc, char **argv)
{
    struct skipped skipped = { .command = { .name = "skipped", .help = HELP_TEXT },
                               .limit = -1,
                               .segment_count = SEGMENTS };
    const struct command_option options[] = {
        { .name = "--table", .text = &skipped.table },
        { .name = "--index", .text = &skipped.index },
        { .name = "--definition", .text = &skipped.definition },
        { .name = "--limit", .number = &skipped.limit, .least = 0, .most = INT64_MAX },
        { .name = "--consistent", .flag = &skipped.is_consistent },
        { .name = "--read-units",
          .number = &skipped.read_units,
          .least = 1,
          .most = READ_UNITS_MAX },
        { .name = "--segments",
          .number = &skipped.segment_count,
          .least = 1,
          .most = SEGMENTS_MAX },
    };
    int code = command_read_options(&skipped.command, argc, argv, options,
                                    sizeof options / sizeof *options);
    if (code != CODE_FINE) {
        return code == COMMAND_HELPED ? CODE_FINE : code;
    }
    if (skipped.table == NULL || (skipped.index == NULL && skipped.definition == NULL)) {
        return command_fail(&skipped.command, CODE_USAGE,
                            "--table and --index or --definition are needed; see rehearse skipped "
                            "--help");
    }
    struct arena arena;
    arena_init(&arena);
    arena_init(&skipped.page);
    process_catch_interrupts();
    code = run(&skipped, &arena);
    arena_deinit(&skipped.page);
    arena_deinit(&arena);
    return code;
}
