#include "tools/wait_command.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/command.h"
#include "tools/exit_code.h"
#include "tools/process.h"

#include <stdio.h>
#include <string.h>

enum {
    TIMEOUT_S = 24 * 3600, /* of an index of a large table */
    TIMEOUT_S_MAX = 30 * 24 * 3600,
    PAUSE_FIRST_MS = 100, /* short for what is done at once, then ever longer */
    PAUSE_LONGEST_MS = 5000,
    STATE_SIZE = 512,
};

static const char HELP_TEXT[] =
    "usage: rehearse wait --table T [--index I] [options]\n"
    "\n"
    "Waits until a table and all its indexes are ready, or one index is: ACTIVE and not\n"
    "backfilling. The table of an index that is being built is ACTIVE long before it.\n"
    "\n"
    "  --table T           the table, by name or ARN\n"
    "  --index I           this index of it\n"
    "  --gone              wait until the table, or the index, is no longer there\n"
    "  --timeout SECONDS   give up after this long (86400)\n" COMMAND_HELP "\n"
    "Prints a line for each change of state. Exit codes: 0 ready (or gone), 1 not within the "
    "time,\n"
    "or it never will be: what is waited for does not exist; 2 usage, 3 the endpoint cannot be\n"
    "reached or used.\n";

struct wait {
    struct command command;
    const char *table;
    const char *index; /* NULL: the table with all its indexes */
    bool is_for_absence;
    int64_t timeout_s;
    int64_t began_ms;
    struct buffer states; /* told so far, as JSON */
    char last[STATE_SIZE];
    bool was_there;
};

/* One look at the table. */
struct look {
    bool exists; /* the table, or the index that is waited for */
    bool is_ready;
    char state[STATE_SIZE]; /* in words */
};

static void append_state(struct look *look, const char *what, const char *name, const char *status)
{
    size_t length = strlen(look->state);
    (void)snprintf(look->state + length, STATE_SIZE - length, "%s%s%s%s%s%s",
                   length > 0 ? ", " : "", what, name[0] != '\0' ? " " : "", name,
                   status[0] != '\0' ? " " : "", status);
}

/* "CREATING (allocating)": DynamoDB tells the phase by a flag beside the status. */
static const char *index_state(const struct cJSON *index)
{
    const char *status = json_text(json_member(index, "IndexStatus"), "ACTIVE"); /* a local one */
    const struct cJSON *backfilling = json_member(index, "Backfilling");
    if (backfilling == NULL) {
        return status;
    }
    return json_boolean(backfilling) ? "CREATING (backfilling)" : "CREATING (allocating)";
}

static void look_at_index(const struct cJSON *index, struct look *look)
{
    const char *state = index_state(index);
    append_state(look, "index", json_text(json_member(index, "IndexName"), ""), state);
    look->is_ready = look->is_ready && strcmp(state, "ACTIVE") == 0;
}

static void look_at_indexes(const struct wait *wait, const struct cJSON *list, struct look *look)
{
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        bool is_meant = wait->index == NULL ||
                        strcmp(json_text(json_member(node, "IndexName"), ""), wait->index) == 0;
        if (is_meant) {
            look->exists = true;
            look_at_index(node, look);
        }
    }
}

static struct look look_at(const struct wait *wait, const struct cJSON *table)
{
    struct look look = { .exists = wait->index == NULL && table != NULL, .is_ready = true };
    if (table == NULL) {
        (void)snprintf(look.state, sizeof look.state, "no table %s", wait->table);
        return look;
    }
    const char *status = json_text(json_member(table, "TableStatus"), "?");
    append_state(&look, "table", "", status);
    /* An index is ready when it says so; of its table it needs only that it is there. */
    look.is_ready = wait->index != NULL || strcmp(status, "ACTIVE") == 0;
    look_at_indexes(wait, json_member(table, "GlobalSecondaryIndexes"), &look);
    look_at_indexes(wait, json_member(table, "LocalSecondaryIndexes"), &look);
    if (!look.exists && wait->index != NULL) {
        append_state(&look, "no index", wait->index, "");
    }
    return look;
}

/* ---- telling ---- */

static double seconds_since(int64_t began_ms)
{
    return (double)(process_now_ms() - began_ms) / 1000;
}

static void tell_state(struct wait *wait, const struct look *look)
{
    double seconds = seconds_since(wait->began_ms);
    if (command_shows_progress(&wait->command)) {
        (void)printf("\r\033[K");
    }
    if (strcmp(wait->last, look->state) != 0) {
        (void)snprintf(wait->last, sizeof wait->last, "%s", look->state);
        buffer_append_text(&wait->states, wait->states.length > 0 ? "," : "");
        buffer_append_format(&wait->states, "{\"Seconds\":%.1f,\"State\":", seconds);
        json_append_text(&wait->states, look->state);
        buffer_append_text(&wait->states, "}");
        if (!wait->command.is_json) {
            (void)printf("%8.1f s  %s\n", seconds, look->state);
        }
    }
    if (command_shows_progress(&wait->command)) {
        (void)printf("%8.1f s  waiting", seconds);
    }
    (void)fflush(stdout);
}

static void append_member(struct buffer *to, const char *name, const char *text)
{
    buffer_append_format(to, ",\"%s\":", name);
    json_append_text(to, text);
}

static int finish(struct wait *wait, struct arena *arena, bool is_reached, const char *reason)
{
    if (command_shows_progress(&wait->command)) {
        (void)printf("\r\033[K");
    }
    if (wait->command.is_json) {
        struct buffer result;
        buffer_init(&result, arena, 512);
        buffer_append_format(&result, "{\"%s\":%s", wait->is_for_absence ? "Gone" : "Ready",
                             is_reached ? "true" : "false");
        append_member(&result, "TableName", wait->table);
        if (wait->index != NULL) {
            append_member(&result, "IndexName", wait->index);
        }
        if (reason != NULL) {
            append_member(&result, "Reason", reason);
        }
        buffer_append_format(&result, ",\"Seconds\":%.1f,\"States\":[",
                             seconds_since(wait->began_ms));
        buffer_append_bytes(&result, buffer_view(&wait->states));
        buffer_append_text(&result, "]}");
        (void)printf("%.*s\n", BYTES_ARGUMENTS(buffer_view(&result)));
    }
    (void)fflush(stdout);
    return is_reached ? CODE_FINE : command_fail(&wait->command, CODE_NOT_SO, "%s", reason);
}

/* ---- waiting ---- */

/* What the look decides: a reason why it never will be, NULL and the result, or to go on. */
static bool is_decided(struct wait *wait,
                       const struct look *look,
                       bool *out_is_reached,
                       const char **out_reason)
{
    *out_reason = NULL;
    *out_is_reached = wait->is_for_absence ? !look->exists : look->exists && look->is_ready;
    if (*out_is_reached || wait->is_for_absence || look->exists) {
        wait->was_there = wait->was_there || look->exists;
        return *out_is_reached;
    }
    *out_reason = wait->was_there ? "it is gone: its creation failed, or somebody has deleted it"
                                  : "there is no such table or index";
    return true;
}

static int wait_for(struct wait *wait, struct dynamodb_client *client, struct arena *arena)
{
    struct buffer body;
    int64_t pause_ms = PAUSE_FIRST_MS;
    buffer_init(&body, arena, 512);
    buffer_append_text(&body, "{\"TableName\":");
    json_append_text(&body, wait->table);
    buffer_append_text(&body, "}");
    struct arena call;
    arena_init(&call);
    int code = -1;
    while (code < 0) {
        struct dynamodb_reply reply;
        arena_reset(&call);
        bool done =
            dynamodb_client_call(client, &call, "DescribeTable", buffer_view(&body), &reply);
        bool is_absent = !done && strcmp(reply.error, "ResourceNotFoundException") == 0;
        if (!done && !is_absent) {
            code = command_fail_call(&wait->command, client, "DescribeTable", &reply);
            dynamodb_reply_free(&reply);
            break;
        }
        struct look look = look_at(wait, json_member(reply.json, "Table"));
        dynamodb_reply_free(&reply);
        bool is_reached = false;
        const char *reason = NULL;
        tell_state(wait, &look);
        if (is_decided(wait, &look, &is_reached, &reason)) {
            code = finish(wait, arena, is_reached, reason);
        } else if (process_now_ms() - wait->began_ms + pause_ms > wait->timeout_s * 1000) {
            code = finish(wait, arena, false, "not within the time (--timeout)");
        } else {
            process_sleep_ms(pause_ms);
            process_yield_to_interrupt();
            pause_ms =
                pause_ms * 5 / 4 < PAUSE_LONGEST_MS ? pause_ms * 5 / 4 + 1 : PAUSE_LONGEST_MS;
        }
    }
    arena_deinit(&call);
    return code;
}

int wait_command(int argc, char **argv)
{
    struct wait wait = { .command = { .name = "wait", .help = HELP_TEXT }, .timeout_s = TIMEOUT_S };
    const struct command_option options[] = {
        { .name = "--table", .text = &wait.table },
        { .name = "--index", .text = &wait.index },
        { .name = "--gone", .flag = &wait.is_for_absence },
        { .name = "--timeout", .number = &wait.timeout_s, .least = 1, .most = TIMEOUT_S_MAX },
    };
    int code =
        command_read_options(&wait.command, argc, argv, options, sizeof options / sizeof *options);
    if (code != CODE_FINE) {
        return code == COMMAND_HELPED ? CODE_FINE : code;
    }
    if (wait.table == NULL) {
        return command_fail(&wait.command, CODE_USAGE,
                            "--table is needed; see rehearse wait --help");
    }
    struct dynamodb_client *client = NULL;
    code = command_connect(&wait.command, &client);
    if (code != CODE_FINE) {
        return code;
    }
    struct arena arena;
    arena_init(&arena);
    buffer_init(&wait.states, &arena, 512);
    process_catch_interrupts();
    wait.began_ms = process_now_ms();
    code = wait_for(&wait, client, &arena);
    arena_deinit(&arena);
    dynamodb_client_close(client);
    return code;
}
