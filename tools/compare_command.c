#include "tools/compare_command.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/compare/comparison.h"
#include "tools/exit_code.h"
#include "tools/process.h"
#include "tools/table/described.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    SEGMENTS = 4,
    READ_UNITS_MAX = 1000 * 1000,
    LOOKS = 6,
    LOOKS_MAX = 100,
    DIFFERENCES = 1000,
    SAMPLE_MAX = 10 * 1000 * 1000,
    SEED = 1,
    PROGRESS_MS = 200,
    IDENTITY_SIZE = 1024,
};

static const char HELP_TEXT[] =
    "usage: rehearse compare --table T --left INDEX [--right INDEX] [options]\n"
    "\n"
    "Compares two indexes of a table, or without --right an index with its table: whether both\n"
    "have the same items, and say the same of the attributes that both project. What looks\n"
    "different is looked at again before it is called so: somebody may just have written it.\n"
    "\n"
    "  --table T           the table, by name or ARN\n"
    "  --left INDEX        one index\n"
    "  --right INDEX       the other; without it the table\n"
    "  --sample N          look at about N entries from random places instead of all, and say how\n"
    "                      sure that makes the result\n"
    "  --seed N            of the sample's places (1)\n"
    "  --state DIR         keep in this directory how far it has come, and go on from there\n"
    "  --looks N           look at most N times at what seems different (6)\n"
    "  --max-differences N stop after so many (1000)\n"
    "  --read-units N      use at most N read units a second for reading (without: no limit)\n"
    "  --segments N        read N parts at once (4)\n" COMMAND_HELP "\n"
    "Takes little memory for tables of any size; what was read is kept in temporary files\n"
    "(TMPDIR), some 100 bytes an entry. Exit codes: 0 both agree, 1 they differ, or there is no\n"
    "such table or index, 2 usage, 3 the endpoint or the directory cannot be used.\n";

struct options {
    const char *table;
    const char *left;
    const char *right;
    const char *state;
    int64_t sample;
    int64_t seed;
    int64_t looks;
    int64_t differences;
    int64_t read_units;
    int64_t segments;
};

struct compare {
    struct command command;
    struct options options;
    struct described described;
    struct comparison comparison;
    char identity[IDENTITY_SIZE];
    struct arena line;
    uint64_t told;
    int64_t shown_ms;
};

/* ---- telling ---- */

static void append_why(struct buffer *to, const struct skip *skip)
{
    buffer_append_format(to, "%s: %s", skip_reason_text(skip->reason), skip->attribute);
    if (skip->type != NULL) {
        buffer_append_format(to, " is of type %s", skip->type);
    }
}

static struct bytes
describe(struct compare *compare, const struct sides *sides, const struct difference *difference)
{
    const char *name = side_name(sides, difference->side);
    struct buffer text;
    buffer_init(&text, &compare->line, 128);
    switch (difference->verdict) {
    case VERDICT_MISSING:
        buffer_append_format(&text, "missing in %s", name);
        break;
    case VERDICT_DIFFERENT:
        buffer_append_format(&text, "other in %s than in the table: ", name);
        buffer_append_bytes(&text, difference->attributes);
        break;
    case VERDICT_STALE:
        buffer_append_format(&text, "still in %s, where its item is not", name);
        break;
    case VERDICT_LEFT_OUT:
        buffer_append_format(&text, "left out of %s, ", name);
        append_why(&text, &difference->skip);
        break;
    case VERDICT_SAME:
        break;
    }
    return buffer_view(&text);
}

static const char *const VERDICTS[VERDICT_COUNT] = {
    [VERDICT_SAME] = "Same",   [VERDICT_MISSING] = "Missing",  [VERDICT_DIFFERENT] = "Different",
    [VERDICT_STALE] = "Stale", [VERDICT_LEFT_OUT] = "LeftOut",
};

static void tell(void *context, const struct entry *entry, const struct difference *difference)
{
    struct compare *compare = context;
    const struct sides *sides = &compare->comparison.checker.sides;
    struct bytes text = describe(compare, sides, difference);
    if (command_shows_progress(&compare->command)) {
        (void)fputs("\r\033[K", stdout);
    }
    if (compare->command.is_json) {
        struct buffer line;
        buffer_init(&line, &compare->line, 256);
        buffer_append_text(&line, compare->told > 0 ? ",\n{\"Key\":" : "\n{\"Key\":");
        buffer_append_bytes(&line, entry->key);
        buffer_append_format(
            &line, ",\"Kind\":\"%s\",\"Side\":\"%s\",\"Text\":", VERDICTS[difference->verdict],
            difference->side == SIDE_LEFT ? "LEFT" : "RIGHT");
        json_append_text(&line, bytes_to_text(&compare->line, text));
        buffer_append_text(&line, "}");
        (void)printf("%.*s", BYTES_ARGUMENTS(buffer_view(&line)));
    } else {
        (void)printf("%.*s  %.*s\n", BYTES_ARGUMENTS(entry->key), BYTES_ARGUMENTS(text));
    }
    compare->told++;
    arena_reset(&compare->line);
}

static void show_progress(void *context, const char *what, uint64_t done, double all)
{
    struct compare *compare = context;
    if (!command_shows_progress(&compare->command) ||
        process_now_ms() - compare->shown_ms < PROGRESS_MS) {
        return;
    }
    compare->shown_ms = process_now_ms();
    (void)printf("\r\033[K%s: %llu", what, (unsigned long long)done);
    if (all > 0) {
        (void)printf(" of about %.0f", all);
    }
    (void)fflush(stdout);
}

static void print_text_result(const struct compare *compare)
{
    const struct comparison *comparison = &compare->comparison;
    const struct sides *sides = &comparison->checker.sides;
    uint64_t differences = comparison_differences(comparison);
    if (command_shows_progress(&compare->command)) {
        (void)fputs("\r\033[K", stdout);
    }
    for (int side = 0; side < SIDE_COUNT; side++) {
        uint64_t entries = comparison->entries[side];
        (void)printf("%s: %llu entr%s%s", side_name(sides, (enum side)side),
                     (unsigned long long)entries, entries == 1 ? "y" : "ies",
                     side == SIDE_LEFT ? ", " : "; ");
    }
    (void)printf("%s%llu difference%s",
                 differences >= comparison->differences_max ? "at least " : "",
                 (unsigned long long)differences, differences == 1 ? "" : "s");
    if (comparison->settled > 0) {
        (void)printf(", %llu settled on a second look", (unsigned long long)comparison->settled);
    }
    (void)putchar('\n');
    if (comparison->sampled > 0) {
        (void)printf("a sample of %llu: fewer than %.2g %% of all entries differ, with 95 %% "
                     "confidence\n",
                     (unsigned long long)comparison->sampled,
                     100 * comparison_bound(differences, comparison->sampled));
    }
}

static void print_json_result(const struct compare *compare)
{
    const struct comparison *comparison = &compare->comparison;
    uint64_t differences = comparison_differences(comparison);
    (void)printf("],\n\"LeftEntries\":%llu,\"RightEntries\":%llu,\"Differences\":%llu,"
                 "\"IsComplete\":%s,\"Settled\":%llu",
                 (unsigned long long)comparison->entries[SIDE_LEFT],
                 (unsigned long long)comparison->entries[SIDE_RIGHT],
                 (unsigned long long)differences,
                 differences < comparison->differences_max ? "true" : "false",
                 (unsigned long long)comparison->settled);
    for (int i = VERDICT_SAME + 1; i < VERDICT_COUNT; i++) {
        (void)printf(",\"%s\":%llu", VERDICTS[i], (unsigned long long)comparison->differences[i]);
    }
    if (comparison->sampled > 0) {
        (void)printf(",\"Sampled\":%llu,\"ShareBelow\":%.6g,\"Confidence\":0.95",
                     (unsigned long long)comparison->sampled,
                     comparison_bound(differences, comparison->sampled));
    }
    (void)puts("}");
}

/* ---- comparing ---- */

static int find_sides(struct compare *compare, struct sides *sides)
{
    const struct options *options = &compare->options;
    const struct table_shape *table = &compare->described.shape;
    sides->table = options->table;
    sides->keys = &table->self;
    sides->shapes[SIDE_LEFT] = &table->self;
    sides->shapes[SIDE_RIGHT] = &table->self;
    int code = described_find_index(&compare->command, &compare->described, options->left,
                                    &sides->shapes[SIDE_LEFT]);
    if (code == CODE_FINE && options->right != NULL) {
        code = described_find_index(&compare->command, &compare->described, options->right,
                                    &sides->shapes[SIDE_RIGHT]);
    }
    for (int side = 0; code == CODE_FINE && side < SIDE_COUNT; side++) {
        if (!sides->shapes[side]->is_ready) {
            code = command_fail(&compare->command, CODE_NOT_SO,
                                "index %s cannot be read yet: it is not ACTIVE, or is being "
                                "backfilled (rehearse wait)",
                                sides->shapes[side]->name);
        }
    }
    return code;
}

static void print_head(const struct compare *compare)
{
    const struct sides *sides = &compare->comparison.checker.sides;
    struct arena arena;
    struct buffer head;
    arena_init(&arena);
    buffer_init(&head, &arena, 256);
    buffer_append_text(&head, "{\"TableName\":");
    json_append_text(&head, compare->described.shape.name);
    buffer_append_text(&head, ",\"Left\":");
    json_append_text(&head, sides->shapes[SIDE_LEFT]->name);
    if (sides->shapes[SIDE_RIGHT]->name != NULL) {
        buffer_append_text(&head, ",\"Right\":");
        json_append_text(&head, sides->shapes[SIDE_RIGHT]->name);
    }
    (void)printf("%.*s,\"Items\":[", BYTES_ARGUMENTS(buffer_view(&head)));
    arena_deinit(&arena);
}

static int run_comparison(struct compare *compare)
{
    const struct options *options = &compare->options;
    struct comparison *comparison = &compare->comparison;
    (void)snprintf(compare->identity, sizeof compare->identity, "%s: %s against %s at %s",
                   compare->described.shape.name, options->left,
                   options->right != NULL ? options->right : "the table",
                   dynamodb_client_url(comparison->checker.client));
    comparison->identity = compare->identity;
    if (options->state != NULL && mkdir(options->state, 0700) != 0 && errno != EEXIST) {
        return command_fail(&compare->command, CODE_UNREACHABLE, "cannot make %s: %s",
                            options->state, strerror(errno));
    }
    if (compare->command.is_json) {
        print_head(compare);
    }
    int code = options->sample > 0 ? comparison_sample(comparison, (uint64_t)options->sample,
                                                       (uint64_t)options->seed)
                                   : comparison_run(comparison);
    process_yield_to_interrupt();
    if (code != CODE_FINE) {
        return code;
    }
    if (compare->command.is_json) {
        print_json_result(compare);
    } else {
        print_text_result(compare);
    }
    return comparison_differences(comparison) == 0 ? CODE_FINE : CODE_NOT_SO;
}

static int run(struct compare *compare, struct arena *arena)
{
    const struct options *options = &compare->options;
    struct dynamodb_client *client = NULL;
    int code = command_connect(&compare->command, &client);
    if (code != CODE_FINE) {
        return code;
    }
    code = described_find(&compare->command, client, arena, options->table, &compare->described);
    compare->comparison = (struct comparison){
        .command = &compare->command,
        .checker = { .command = &compare->command, .client = client, .looks = (int)options->looks },
        .item_count = compare->described.shape.item_count,
        .segment_count = (size_t)options->segments,
        .read_units = options->read_units,
        .state_directory = options->state,
        .differences_max = (uint64_t)options->differences,
        .tell = tell,
        .progress = show_progress,
        .context = compare,
    };
    if (code == CODE_FINE) {
        code = find_sides(compare, &compare->comparison.checker.sides);
        code = code == CODE_FINE ? run_comparison(compare) : code;
        described_free(&compare->described);
    }
    dynamodb_client_close(client);
    return code;
}

int compare_command(int argc, char **argv)
{
    struct compare compare = { .command = { .name = "compare", .help = HELP_TEXT },
                               .options = { .segments = SEGMENTS,
                                            .looks = LOOKS,
                                            .seed = SEED,
                                            .differences = DIFFERENCES } };
    struct options *given = &compare.options;
    const struct command_option options[] = {
        { .name = "--table", .text = &given->table },
        { .name = "--left", .text = &given->left },
        { .name = "--right", .text = &given->right },
        { .name = "--state", .text = &given->state },
        { .name = "--sample", .number = &given->sample, .least = 1, .most = SAMPLE_MAX },
        { .name = "--seed", .number = &given->seed, .least = 0, .most = INT64_MAX },
        { .name = "--looks", .number = &given->looks, .least = 1, .most = LOOKS_MAX },
        { .name = "--max-differences",
          .number = &given->differences,
          .least = 1,
          .most = INT64_MAX },
        { .name = "--read-units",
          .number = &given->read_units,
          .least = 1,
          .most = READ_UNITS_MAX },
        { .name = "--segments", .number = &given->segments, .least = 1, .most = SEGMENTS_MAX },
    };
    int code = command_read_options(&compare.command, argc, argv, options,
                                    sizeof options / sizeof *options);
    if (code != CODE_FINE) {
        return code == COMMAND_HELPED ? CODE_FINE : code;
    }
    if (given->table == NULL || given->left == NULL) {
        return command_fail(&compare.command, CODE_USAGE,
                            "--table and --left are needed; see rehearse compare --help");
    }
    if (given->sample > 0 && given->state != NULL) {
        return command_fail(&compare.command, CODE_USAGE,
                            "--state keeps how far a whole comparison has come; it does not go "
                            "with --sample");
    }
    if (given->right != NULL && strcmp(given->left, given->right) == 0) {
        return command_fail(&compare.command, CODE_USAGE, "index %s would be compared with itself",
                            given->left);
    }
    struct arena arena;
    arena_init(&arena);
    arena_init(&compare.line);
    process_catch_interrupts();
    code = run(&compare, &arena);
    arena_deinit(&compare.line);
    arena_deinit(&arena);
    return code;
}
