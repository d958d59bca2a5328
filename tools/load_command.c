#include "tools/load_command.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/document.h"
#include "tools/exit_code.h"
#include "tools/load/export_source.h"
#include "tools/load/table_template.h"
#include "tools/load/template_source.h"
#include "tools/load/writer.h"
#include "tools/process.h"
#include "tools/table/described.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum {
    CONNECTIONS = 4,
    WRITE_UNITS_MAX = 1000 * 1000,
    PROGRESS_MS = 200,
    BAR_WIDTH = 30,
    MS_PER_SECOND = 1000,
};

static const int64_t ITEMS_MAX = 1000LL * 1000 * 1000 * 1000;

static const char HELP_TEXT[] =
    "usage: rehearse load --table T --items N [--template FILE] [options]\n"
    "       rehearse load --table T --print-template\n"
    "\n"
    "Puts items into a table that exists, with BatchWriteItem: made up by a template, which is "
    "JSON\n"
    "and says for each attribute its type and how values come about (docs/tools.md). Without\n"
    "--template one is made from the table: its keys, those of its indexes, and a few attributes\n"
    "more. What throttling leaves unprocessed is sent again.\n"
    "\n"
    "  --table T           the table, by name or ARN\n"
    "  --items N           how many items to make up\n"
    "  --template FILE     what they look like (- for standard input)\n"
    "  --seed N            the same number makes the same items (without: another each time)\n"
    "  --print-template    show the template that is made from the table, and write nothing\n"
    "  --from-export DIR   the export: its folder with manifest-summary.json, or one that has\n"
    "                      AWSDynamoDB/<id>/ in it\n"
    "  --connections N     send so many batches at once (4)\n"
    "  --write-units N     use at most N write units a second (without: no limit)\n" COMMAND_HELP
    "\n"
    "Exit codes: 0 all items are written, 1 there is no such table, 2 usage, 3 the endpoint or "
    "the\n"
    "template cannot be used, or an item was refused. Ctrl-C ends it and tells how many items\n"
    "were written.\n";

struct load {
    struct command command;
    const char *table;
    const char *template_path;
    const char *export_directory;
    int64_t item_count;
    int64_t seed;
    int64_t write_units;
    int64_t connection_count;
    bool prints_template;

    struct described described;
    struct template template;
    uint64_t expected; /* items in all */
    int64_t began_ms;
    int64_t told_ms;
};

/* ---- telling ---- */

static void show_progress(void *context, const struct writer_result *so_far)
{
    struct load *load = context;
    int64_t now_ms = process_now_ms();
    if (!command_shows_progress(&load->command) || now_ms - load->told_ms < PROGRESS_MS) {
        return;
    }
    double share = load->expected > 0 ? (double)so_far->written / (double)load->expected : 1;
    double rate = (double)so_far->written * MS_PER_SECOND / (double)(now_ms - load->began_ms + 1);
    load->told_ms = now_ms;
    (void)fputs("\r\033[K[", stdout);
    for (int i = 0; i < BAR_WIDTH; i++) {
        (void)putchar(i < (int)(share * BAR_WIDTH) ? '#' : '.');
    }
    (void)printf("] %" PRIu64 " of %" PRIu64 " items, %.0f a second", so_far->written,
                 load->expected, rate);
    (void)fflush(stdout);
}

static void
print_text_result(const struct load *load, const struct writer_result *result, double seconds)
{
    if (command_shows_progress(&load->command)) {
        (void)fputs("\r\033[K", stdout);
    }
    (void)printf("%" PRIu64 " items written to %s in %.1f s (%.0f a second, %.0f write units)",
                 result->written, load->described.shape.name, seconds,
                 (double)result->written / seconds, result->write_units);
    if (result->retried > 0) {
        (void)printf(", %" PRIu64 " sent again", result->retried);
    }
    if (result->written < load->expected) {
        (void)printf(", %" PRIu64 " not written", load->expected - result->written);
    }
    if (load->export_directory != NULL) {
        (void)putchar('\n');
    } else {
        (void)printf("; seed %" PRId64 "\n", load->seed);
    }
}

static void print_json_result(const struct load *load,
                              struct arena *arena,
                              const struct writer_result *result,
                              double seconds)
{
    struct buffer line;
    buffer_init(&line, arena, 256);
    buffer_append_text(&line, "{\"TableName\":");
    json_append_text(&line, load->described.shape.name);
    buffer_append_format(&line,
                         ",\"ItemsWritten\":%" PRIu64 ",\"ItemsExpected\":%" PRIu64
                         ",\"ItemsSentAgain\":%" PRIu64 ",\"WriteUnits\":%.1f,\"Seconds\":%.3f",
                         result->written, load->expected, result->retried, result->write_units,
                         seconds);
    if (load->export_directory == NULL) {
        buffer_append_format(&line, ",\"Seed\":%" PRId64, load->seed);
    }
    (void)printf("%.*s}\n", BYTES_ARGUMENTS(buffer_view(&line)));
}

/* ---- writing ---- */

static int write_items(struct load *load, struct arena *arena, struct item_source source)
{
    struct writer_result result;
    struct writer_options options = { .command = &load->command,
                                      .table = load->table,
                                      .source = source,
                                      .connection_count = (size_t)load->connection_count,
                                      .write_units = load->write_units,
                                      .tell = show_progress,
                                      .context = load };
    load->began_ms = process_now_ms();
    int code = writer_run(&options, &result);
    double seconds = (double)(process_now_ms() - load->began_ms + 1) / MS_PER_SECOND;
    if (load->command.is_json) {
        print_json_result(load, arena, &result, seconds);
    } else {
        print_text_result(load, &result, seconds);
    }
    (void)fflush(stdout);
    process_yield_to_interrupt();
    return code;
}

static int write_template(struct load *load, struct arena *arena)
{
    struct template_source source = { .template = &load->template,
                                      .keys = &load->described.shape.self,
                                      .seed = (uint64_t)load->seed,
                                      .item_count = (uint64_t)load->item_count,
                                      .connection_count = (size_t)load->connection_count };
    load->expected = source.item_count;
    return write_items(load, arena, template_source_items(&source));
}

static int write_export(struct load *load, struct arena *arena)
{
    struct export_source source;
    int code = export_source_open(&source, &load->command, arena, load->export_directory,
                                  &load->described.shape.self);
    if (code == CODE_FINE) {
        load->expected = source.summary.item_count;
        code = write_items(load, arena, export_source_items(&source));
    }
    export_source_close(&source);
    return code;
}

/* ---- the template ---- */

static int find_template(struct load *load, struct arena *arena)
{
    const char *path = load->template_path;
    struct cJSON *document = NULL;
    char reason[512];
    if (path != NULL) {
        int code = document_read(&load->command, arena, path, &document);
        if (code != CODE_FINE) {
            return code;
        }
    } else {
        path = "the template made from the table";
        document = json_parse(table_template_derive(arena, &load->described.shape));
    }
    bool is_fit =
        template_read(arena, document, &load->template, reason, sizeof reason) &&
        table_template_fits(&load->template, &load->described.shape, reason, sizeof reason);
    json_free(document);
    return is_fit ? CODE_FINE
                  : command_fail(&load->command, CODE_UNREACHABLE, "%s: %s", path, reason);
}

static int run(struct load *load, struct arena *arena)
{
    int code = described_ask(&load->command, arena, load->table, &load->described);
    if (code != CODE_FINE) {
        return code;
    }
    if (load->prints_template) {
        (void)printf("%.*s", BYTES_ARGUMENTS(table_template_derive(arena, &load->described.shape)));
    } else if (load->export_directory != NULL) {
        code = write_export(load, arena);
    } else {
        code = find_template(load, arena);
        code = code == CODE_FINE ? write_template(load, arena) : code;
    }
    described_free(&load->described);
    return code;
}

/* ---- options ---- */

/* Another one each time, short enough to be typed. */
static int64_t make_seed(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_nsec;
}

static int check_options(const struct load *load)
{
    bool is_made_up = load->item_count >= 0 || load->template_path != NULL || load->seed >= 0;
    const char *wrong = NULL;
    if (load->table == NULL) {
        wrong = "--table is needed";
    } else if (load->prints_template && (is_made_up || load->export_directory != NULL)) {
        wrong = "--print-template goes with --table alone";
    } else if (load->export_directory != NULL && is_made_up) {
        wrong = "--from-export goes without --items, --template and --seed";
    } else if (!load->prints_template && load->export_directory == NULL && load->item_count < 0) {
        wrong = "--items or --from-export is needed";
    }
    return wrong == NULL
               ? CODE_FINE
               : command_fail(&load->command, CODE_USAGE, "%s; see rehearse load --help", wrong);
}

int load_command(int argc, char **argv)
{
    struct load load = { .command = { .name = "load", .help = HELP_TEXT },
                         .item_count = -1,
                         .seed = -1,
                         .connection_count = CONNECTIONS };
    const struct command_option options[] = {
        { .name = "--table", .text = &load.table },
        { .name = "--template", .text = &load.template_path },
        { .name = "--from-export", .text = &load.export_directory },
        { .name = "--print-template", .flag = &load.prints_template },
        { .name = "--items", .number = &load.item_count, .least = 0, .most = ITEMS_MAX },
        { .name = "--seed", .number = &load.seed, .least = 0, .most = INT64_MAX },
        { .name = "--write-units",
          .number = &load.write_units,
          .least = 1,
          .most = WRITE_UNITS_MAX },
        { .name = "--connections",
          .number = &load.connection_count,
          .least = 1,
          .most = CONNECTIONS_MAX },
    };
    int code =
        command_read_options(&load.command, argc, argv, options, sizeof options / sizeof *options);
    code = code == CODE_FINE ? check_options(&load) : code;
    if (code != CODE_FINE) {
        return code == COMMAND_HELPED ? CODE_FINE : code;
    }
    load.seed = load.seed >= 0 ? load.seed : make_seed();
    struct arena arena;
    arena_init(&arena);
    process_catch_interrupts();
    code = run(&load, &arena);
    arena_deinit(&arena);
    return code;
}
