#include "tools/drive_command.h"

#include "tools/drive/drive_report.h"
#include "tools/exit_code.h"
#include "tools/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
    RATE = 20,
    RATE_MAX = 100 * 1000,
    CONNECTIONS = 4,
    CONNECTIONS_MAX = 256,
    ITEMS = 200,
    ITEMS_MAX = 100 * 1000,
    READ_PERCENT = 50,
    MAX_LAG_MS = 1000,
    MAX_LAG_MS_MAX = 24 * 3600 * 1000,
    TIMEOUT_MS = 5000,
    TIMEOUT_MS_MAX = 600 * 1000,
    SECONDS_MAX = 90 * 24 * 3600,
    PROGRESS_MS = 200,
};

static const int64_t RUNS = 1000LL * 1000 * 1000 * 1000; /* twelve digits */

static const char HELP_TEXT[] =
    "usage: rehearse drive --table T [--index INDEX | --read-index FILE] [options]\n"
    "\n"
    "Reads and writes like an application while an index migration goes on, and says at the end\n"
    "whether a write was lost, a read stale, a request refused. Writes items of its own alone, "
    "with\n"
    "keys for every index of the table, and removes them when it ends: after --seconds, or on\n"
    "Ctrl-C or SIGTERM.\n"
    "\n"
    "  --table T           the table, by name or ARN\n"
    "  --index INDEX       the index that readers query; without it they read the table alone\n"
    "  --read-index FILE   the same by the name in a file, followed whenever it changes\n"
    "  --seconds N         end after N seconds (without: when it is told to)\n"
    "  --rate N            requests a second, reads and writes together (20)\n"
    "  --reads PERCENT     share of reads (50)\n"
    "  --connections N     requests at once (4)\n"
    "  --items N           own at most N items (200)\n"
    "  --max-lag MS        how long after its acknowledgement a write may be missing in an index\n"
    "                      (1000)\n"
    "  --timeout MS        how long a request may take (5000)\n"
    "  --allow CODE        do not mind refusals with this code, ThrottlingException for example;\n"
    "                      may be repeated. NoAnswer: a broken connection or a timeout\n"
    "  --keep-items        do not remove the items\n" COMMAND_HELP "\n"
    "Requests are tried once: every refusal and every answer that does not come counts, unless\n"
    "--allow names its code. A write without an answer is not lost, whichever way it went, and is\n"
    "repeated. Exit codes: 0 nothing lost, stale or refused; 1 something was, or there is no such\n"
    "table; 2 usage; 3 the endpoint or the file cannot be used, or items could not be verified or\n"
    "removed at the end.\n";

struct drive_options {
    const char *index;
    const char *read_index;
    struct command_texts allowed;
    int64_t item_count;
    int64_t timeout_ms;
    bool keeps_items;
};

struct drive_run {
    struct command command;
    struct drive_options options;
    struct drive drive;
    int64_t shown_ms;
};

static void show_progress(void *context, const char *what)
{
    struct drive_run *run = context;
    char name[INDEX_NAME_SIZE];
    if (!command_shows_progress(&run->command) ||
        (what == NULL && process_now_ms() - run->shown_ms < PROGRESS_MS)) {
        return;
    }
    struct drive *drive = &run->drive;
    struct tally_glance glance = tally_glance(&drive->tally);
    run->shown_ms = process_now_ms();
    (void)printf("\r\033[K%.1f s: %llu requests, %llu lost, %llu stale, %llu refused",
                 (double)(run->shown_ms - drive->tally.began_ms) / 1000,
                 (unsigned long long)glance.sent, (unsigned long long)glance.lost,
                 (unsigned long long)glance.stale, (unsigned long long)glance.refused);
    if (what != NULL) {
        (void)printf("; %s", what);
    } else if (read_index_name(drive->read_index, name)) {
        (void)printf("; reading %s", name);
    }
    (void)fflush(stdout);
}

/* ---- running ---- */

static int check_and_remove(struct drive_run *run, struct verification *verification)
{
    int code = verification_run(&run->drive, verification);
    if (code == CODE_FINE && !run->options.keeps_items) {
        code = verification_remove_items(&run->drive, verification);
    }
    return code;
}

static int report(struct drive_run *run, const struct verification *verification)
{
    if (command_shows_progress(&run->command)) {
        (void)fputs("\r\033[K", stdout);
    }
    if (run->command.is_json) {
        drive_report_print_json(&run->drive, verification);
    } else {
        drive_report_print_text(&run->drive, verification);
    }
    (void)fflush(stdout);
    if (!drive_report_is_fine(&run->drive)) {
        return CODE_NOT_SO;
    }
    if (verification->failed > 0 || verification->left > 0) {
        return command_fail(&run->command, CODE_UNREACHABLE,
                            "not everything could be verified and removed at the end: %s",
                            verification->reason);
    }
    return CODE_FINE;
}

static int drive_and_verify(struct drive_run *run)
{
    struct drive *drive = &run->drive;
    struct verification verification = { .items = 0 };
    tally_init(&drive->tally, run->options.allowed.values, run->options.allowed.count);
    int code = drive_run(drive);
    process_heed_interrupt(); /* a second one ends the verification */
    if (code == CODE_FINE) {
        code = check_and_remove(run, &verification);
    }
    if (code == CODE_FINE) {
        code = report(run, &verification);
    }
    tally_deinit(&drive->tally);
    process_yield_to_interrupt();
    return code;
}

static int open_and_run(struct drive_run *run)
{
    struct drive *drive = &run->drive;
    char reason[512];
    drive->read_index =
        read_index_open(run->options.index, run->options.read_index, reason, sizeof reason);
    if (drive->read_index == NULL) {
        return command_fail(&run->command, CODE_UNREACHABLE, "%s", reason);
    }
    int code = table_watch_open(&run->command, &drive->steady, drive->table, &drive->watch);
    if (code == CODE_FINE) {
        uint64_t random = 0;
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
            random = (uint64_t)process_now_us();
        }
        drive->run = (int64_t)(random % (uint64_t)RUNS);
        drive->pool = item_pool_open(drive->run, (size_t)run->options.item_count);
        code = drive_and_verify(run);
        item_pool_close(drive->pool);
        table_watch_close(drive->watch);
    }
    read_index_close(drive->read_index);
    return code;
}

static int check_usage(const struct drive_run *run)
{
    if (run->drive.table == NULL) {
        return command_fail(&run->command, CODE_USAGE,
                            "--table is needed; see rehearse drive --help");
    }
    if (run->options.index != NULL && run->options.read_index != NULL) {
        return command_fail(&run->command, CODE_USAGE,
                            "--index and --read-index both say what readers query; give one");
    }
    return CODE_FINE;
}

static int run_drive(struct drive_run *run)
{
    struct drive *drive = &run->drive;
    drive->command = &run->command;
    drive->steady = run->command;
    drive->steady.attempts_max = 1;
    drive->steady.timeout_ms = (long)run->options.timeout_ms;
    drive->progress = show_progress;
    drive->context = run;
    process_catch_interrupts();
    return open_and_run(run);
}

int drive_command(int argc, char **argv)
{
    struct drive_run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        abort(); /* out of memory */
    }
    struct drive *drive = &run->drive;
    struct drive_options *given = &run->options;
    run->command = (struct command){ .name = "drive", .help = HELP_TEXT };
    *given = (struct drive_options){ .item_count = ITEMS, .timeout_ms = TIMEOUT_MS };
    *drive = (struct drive){ .rate = RATE,
                             .connections = CONNECTIONS,
                             .read_percent = READ_PERCENT,
                             .max_lag_ms = MAX_LAG_MS };
    const struct command_option options[] = {
        { .name = "--table", .text = &drive->table },
        { .name = "--index", .text = &given->index },
        { .name = "--read-index", .text = &given->read_index },
        { .name = "--allow", .texts = &given->allowed },
        { .name = "--keep-items", .flag = &given->keeps_items },
        { .name = "--seconds", .number = &drive->seconds, .least = 1, .most = SECONDS_MAX },
        { .name = "--rate", .number = &drive->rate, .least = 1, .most = RATE_MAX },
        { .name = "--reads", .number = &drive->read_percent, .least = 0, .most = 100 },
        { .name = "--connections",
          .number = &drive->connections,
          .least = 1,
          .most = CONNECTIONS_MAX },
        { .name = "--items", .number = &given->item_count, .least = 1, .most = ITEMS_MAX },
        { .name = "--max-lag", .number = &drive->max_lag_ms, .least = 0, .most = MAX_LAG_MS_MAX },
        { .name = "--timeout", .number = &given->timeout_ms, .least = 1, .most = TIMEOUT_MS_MAX },
    };
    int code =
        command_read_options(&run->command, argc, argv, options, sizeof options / sizeof *options);
    if (code == CODE_FINE) {
        code = check_usage(run);
        code = code == CODE_FINE ? run_drive(run) : code;
    }
    free(run);
    return code == COMMAND_HELPED ? CODE_FINE : code;
}
