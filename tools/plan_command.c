#include "tools/plan_command.h"

#include "api/template/definition_read.h"
#include "api/template/node.h"
#include "storage/base/arena.h"
#include "tools/command.h"
#include "tools/exit_code.h"
#include "tools/plan/deployed.h"
#include "tools/plan/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FILE_SIZE_MAX = 16 * 1024 * 1024,
    READ_SIZE = 64 * 1024,
};

static const char HELP_TEXT[] =
    "usage: rehearse plan --table T --to DEFINITION [options]\n"
    "       rehearse plan --from DEFINITION --to DEFINITION [options]\n"
    "\n"
    "Says, change by change, what CloudFormation does with an update of a table: in place, "
    "refused\n"
    "(with its sentence), more than one deployment, or a new, empty table in place of the old.\n"
    "Then the shortest safe sequence of deployments from what is deployed, with the commands of\n"
    "the AWS CLI and what to wait for.\n"
    "\n"
    "A DEFINITION is a file, JSON or YAML: an answer of DescribeTable, an input of CreateTable, "
    "or\n"
    "a CloudFormation template (as `cdk synth` leaves it in cdk.out).\n"
    "\n"
    "  --table T           what is deployed: this table at the endpoint; with --from, its name in\n"
    "                      messages and commands\n"
    "  --from DEFINITION   what is deployed, from a file\n"
    "  --to DEFINITION     what is wanted\n"
    "  --resource ID       which table of a template, by its logical id\n"
    "  --parameter NAME=VALUE\n"
    "                      a parameter of a template, pseudo parameters as well; again for more\n"
    "  --new-name OLD=NEW  the name of an index whose keys or projection change, while the old "
    "one\n"
    "                      is read (OLD-v2); again for more\n"
    "  --keep-names        end with the wanted index names, by two deployments more for "
    "each\n" COMMAND_HELP "\n"
    "Exit codes: 0 nothing to do, or all in place in one deployment; 1 a change is refused, needs\n"
    "more than one deployment or replaces the table; 2 usage; 3 the endpoint, the table or a file\n"
    "cannot be reached or used.\n";

struct planning {
    struct command command;
    struct arena *arena;
    const char *table;
    const char *from_path;
    const char *to_path;
    struct template_options template;
    struct sequence_options sequence;
};

/* ---- options ---- */

/* NAME=VALUE of each; NULL: one is none. */
static const struct name_value *split_pairs(struct arena *arena, const struct command_texts *texts)
{
    struct name_value *pairs = arena_alloc(arena, (texts->count + 1) * sizeof *pairs);
    for (size_t i = 0; i < texts->count; i++) {
        const char *equals = strchr(texts->values[i], '=');
        if (equals == NULL || equals == texts->values[i]) {
            return NULL;
        }
        struct bytes name = { .data = (const uint8_t *)texts->values[i],
                              .length = (size_t)(equals - texts->values[i]) };
        pairs[i] = (struct name_value){ bytes_to_text(arena, name), equals + 1 };
    }
    return pairs;
}

static int read_options(struct planning *planning, int argc, char **argv)
{
    struct command *command = &planning->command;
    struct command_texts parameters = { .count = 0 };
    struct command_texts new_names = { .count = 0 };
    const struct command_option options[] = {
        { .name = "--table", .text = &planning->table },
        { .name = "--from", .text = &planning->from_path },
        { .name = "--to", .text = &planning->to_path },
        { .name = "--resource", .text = &planning->template.resource },
        { .name = "--parameter", .texts = &parameters },
        { .name = "--new-name", .texts = &new_names },
        { .name = "--keep-names", .flag = &planning->sequence.keeps_names },
    };
    int code = command_read_options(command, argc, argv, options, sizeof options / sizeof *options);
    if (code != CODE_FINE) {
        return code;
    }
    if (planning->to_path == NULL || (planning->table == NULL && planning->from_path == NULL)) {
        return command_fail(command, CODE_USAGE,
                            "--to, and --table or --from, are needed; see rehearse plan --help");
    }
    planning->template.parameters = split_pairs(planning->arena, &parameters);
    planning->template.parameter_count = parameters.count;
    planning->sequence.new_names = split_pairs(planning->arena, &new_names);
    planning->sequence.new_name_count = new_names.count;
    if (planning->template.parameters == NULL || planning->sequence.new_names == NULL) {
        return command_fail(command, CODE_USAGE, "%s must be NAME=VALUE",
                            planning->template.parameters == NULL ? "--parameter" : "--new-name");
    }
    return CODE_FINE;
}

/* ---- definitions ---- */

static int read_file(const struct planning *planning, const char *path, struct bytes *out_text)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return command_fail(&planning->command, CODE_UNREACHABLE, "cannot read %s: %s", path,
                            strerror(errno));
    }
    struct buffer text;
    buffer_init(&text, planning->arena, READ_SIZE);
    size_t count = 0;
    do {
        count = fread(buffer_reserve(&text, READ_SIZE), 1, READ_SIZE, file);
        buffer_commit(&text, count);
    } while (count > 0 && text.length <= FILE_SIZE_MAX);
    bool is_read = ferror(file) == 0;
    int failure = errno;
    (void)fclose(file);
    if (!is_read || text.length > FILE_SIZE_MAX) {
        return command_fail(&planning->command, CODE_UNREACHABLE, "cannot read %s: %s", path,
                            is_read ? "it is too large" : strerror(failure));
    }
    *out_text = buffer_view(&text);
    return CODE_FINE;
}

static int define(const struct planning *planning,
                  const char *source,
                  const struct node *document,
                  struct table_definition *out)
{
    const char *error = NULL;
    if (!definition_read(planning->arena, document, &planning->template, out, &error)) {
        return command_fail(&planning->command, CODE_UNREACHABLE, "%s: %s", source, error);
    }
    return CODE_FINE;
}

static int
define_by_file(const struct planning *planning, const char *path, struct table_definition *out)
{
    struct bytes text = { .data = NULL };
    const struct node *document = NULL;
    const char *error = NULL;
    int code = read_file(planning, path, &text);
    if (code != CODE_FINE) {
        return code;
    }
    if (!node_read(planning->arena, text, &document, &error)) {
        return command_fail(&planning->command, CODE_UNREACHABLE, "%s: neither JSON nor YAML: %s",
                            path, error);
    }
    return define(planning, path, document, out);
}

static int define_by_endpoint(const struct planning *planning,
                              struct table_definition *out,
                              const char **out_source)
{
    struct dynamodb_client *client = NULL;
    int code = command_connect(&planning->command, &client);
    if (code != CODE_FINE) {
        return code;
    }
    const struct node *document = NULL;
    *out_source = bytes_to_text(planning->arena, bytes_of_text(dynamodb_client_url(client)));
    code = deployed_read(&planning->command, client, planning->arena, planning->table, &document);
    dynamodb_client_close(client);
    return code == CODE_FINE ? define(planning, *out_source, document, out) : code;
}

/* What a wanted definition cannot mean: the warmth that a table happened to have. */
static void forget_measured(struct table_definition *wanted)
{
    if (wanted->source != SOURCE_DEPLOYED) {
        return;
    }
    wanted->settings[SETTING_WARM_THROUGHPUT].state = VALUE_UNSAID;
    for (size_t i = 0; i < wanted->global_indexes.count; i++) {
        wanted->global_indexes.items[i].settings[SETTING_WARM_THROUGHPUT].state = VALUE_UNSAID;
    }
}

static const char *choose_name(const struct planning *planning, const struct plan *plan)
{
    if (planning->table != NULL) {
        return planning->table;
    }
    if (plan->from->name.state == VALUE_KNOWN) {
        return plan->from->name.text;
    }
    return plan->to->name.state == VALUE_KNOWN ? plan->to->name.text : PLAN_NO_NAME;
}

/* A new name is for an index that both have, and nobody else's. */
static int check_new_names(const struct planning *planning,
                           const struct table_definition *from,
                           const struct table_definition *to)
{
    for (size_t i = 0; i < planning->sequence.new_name_count; i++) {
        const struct name_value *pair = &planning->sequence.new_names[i];
        if (definition_find_index(&from->global_indexes, pair->name) == NULL ||
            definition_find_index(&to->global_indexes, pair->name) == NULL) {
            return command_fail(&planning->command, CODE_USAGE,
                                "--new-name: no index %s in both definitions", pair->name);
        }
        if (definition_find_index(&from->global_indexes, pair->value) != NULL ||
            definition_find_index(&from->local_indexes, pair->value) != NULL ||
            definition_find_index(&to->global_indexes, pair->value) != NULL) {
            return command_fail(&planning->command, CODE_USAGE,
                                "--new-name: there is an index %s already", pair->value);
        }
    }
    return CODE_FINE;
}

/* ---- the command ---- */

static void print(const struct plan *plan, const struct planning *planning)
{
    struct buffer text;
    const char *no_color = getenv("NO_COLOR");
    buffer_init(&text, planning->arena, 16384);
    if (planning->command.is_json) {
        plan_append_json(&text, plan);
    } else {
        plan_append_text(&text, plan,
                         isatty(STDOUT_FILENO) == 1 && (no_color == NULL || no_color[0] == '\0'));
    }
    (void)fwrite(text.data, 1, text.length, stdout);
    (void)fflush(stdout);
}

static int make_plan(const struct planning *planning)
{
    struct table_definition from = { .source = SOURCE_DEPLOYED };
    struct table_definition to = { .source = SOURCE_CREATE_TABLE };
    struct plan plan = {
        .from_source = planning->from_path,
        .to_source = planning->to_path,
        .from = &from,
        .to = &to,
        .target = { .endpoint = planning->command.endpoint, .region = planning->command.region },
    };
    int code = define_by_file(planning, planning->to_path, &to);
    if (code == CODE_FINE) {
        code = planning->from_path != NULL ? define_by_file(planning, planning->from_path, &from)
                                           : define_by_endpoint(planning, &from, &plan.from_source);
    }
    if (code != CODE_FINE) {
        return code;
    }
    code = check_new_names(planning, &from, &to);
    if (code != CODE_FINE) {
        return code;
    }
    forget_measured(&to);
    plan.table = choose_name(planning, &plan);
    difference_find(planning->arena, &from, &to, &plan.difference);
    sequence_find(planning->arena, &from, &to, &planning->sequence, &plan.sequence);
    print(&plan, planning);
    return plan_is_plain(&plan) ? CODE_FINE : CODE_NOT_SO;
}

int plan_command(int argc, char **argv)
{
    struct arena arena;
    arena_init(&arena);
    struct planning planning = { .command = { .name = "plan", .help = HELP_TEXT },
                                 .arena = &arena };
    int code = read_options(&planning, argc, argv);
    if (code == CODE_FINE) {
        code = make_plan(&planning);
    }
    arena_deinit(&arena);
    return code == COMMAND_HELPED ? CODE_FINE : code;
}
