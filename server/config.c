#include "server/config.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <unistd.h>

enum {
    THREADS_MIN = 2, /* a control request that waits for the disk must not hold up everyone */
    THREADS_MAX = 64,
    DAY_MS = 24 * 60 * 60 * 1000,
    VARIABLE_NAME_SIZE = 64,
    UNSET = -1, /* a number without a default; the smallest allowed value is 0 */
};

#define KIB ((int64_t)1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)

enum setting_type {
    SETTING_TEXT,
    SETTING_INTEGER,
    SETTING_DURATION, /* milliseconds; its default comes from the profile */
    SETTING_SIZE,     /* bytes, or with KiB, MiB, GiB */
    SETTING_SWITCH,
    SETTING_PROFILE,
    SETTING_WORDING, /* this and the next: an unsigned number, the place in its list */
    SETTING_OTHER_RESOURCES,
};

struct setting {
    const char *flag; /* without the dashes */
    enum setting_type type;
    size_t offset; /* in struct config */
    int64_t minimum;
    int64_t maximum;
    const char *placeholder;
    const char *default_text; /* read like a typed value; NULL: none */
    const char *help;
};

static const char *const WORDINGS[] = {
    [API_WORDING_CLASSIC] = "classic",
    [API_WORDING_2026] = "2026",
    NULL,
};

static const char *const OTHER_RESOURCES[] = {
    [API_OTHER_RESOURCES_FAIL] = "fail",
    [API_OTHER_RESOURCES_NOOP] = "noop",
    NULL,
};

#define FIELD(name) offsetof(struct config, name)

// clang-format off
static const struct setting SETTINGS[] = {
    { "host", SETTING_TEXT, FIELD(host), 0, 0, "ADDRESS", "127.0.0.1",
      "numeric address to listen on; 0.0.0.0 or :: for all" },
    { "port", SETTING_INTEGER, FIELD(port), 0, 65535, "N", "8000",
      "port to listen on; 0 picks a free one" },
    { "data", SETTING_TEXT, FIELD(data_directory), 0, 0, "DIR", "./rehearsedb-data",
      "folder of the data, made if missing" },
    { "in-memory", SETTING_SWITCH, FIELD(in_memory), 0, 0, NULL, NULL,
      "keep nothing on disk; excludes --data" },
    { "profile", SETTING_PROFILE, FIELD(profile), 0, 0, "NAME", "brisk",
      "how long changes take: brisk, instant, or real as in AWS" },
    { "table-create-ms", SETTING_DURATION, FIELD(durations.table_create_ms), 0, DAY_MS, "MS", NULL,
      "how long a new table is CREATING" },
    { "table-create-indexed-ms", SETTING_DURATION, FIELD(durations.table_create_indexed_ms), 0, DAY_MS, "MS",
      NULL, "the same of a table with secondary indexes" },
    { "table-update-ms", SETTING_DURATION, FIELD(durations.table_update_ms), 0, DAY_MS, "MS", NULL,
      "how long new throughput of a table takes" },
    { "table-delete-ms", SETTING_DURATION, FIELD(durations.table_delete_ms), 0, DAY_MS, "MS", NULL,
      "how long a deleted table is DELETING" },
    { "index-allocate-ms", SETTING_DURATION, FIELD(durations.index_allocate_ms), 0, DAY_MS, "MS", NULL,
      "how long a new index waits before its backfill" },
    { "index-backfill-ms", SETTING_DURATION, FIELD(durations.index_backfill_ms), 0, DAY_MS, "MS", NULL,
      "how long a backfill takes at least" },
    { "index-update-ms", SETTING_DURATION, FIELD(durations.index_update_ms), 0, DAY_MS, "MS", NULL,
      "how long an index is UPDATING" },
    { "index-delete-ms", SETTING_DURATION, FIELD(durations.index_delete_ms), 0, DAY_MS, "MS", NULL,
      "how long a deleted index is DELETING" },
    { "billing-provisioned-ms", SETTING_DURATION, FIELD(durations.billing_provisioned_ms), 0, DAY_MS, "MS",
      NULL, "how long a switch to provisioned takes" },
    { "billing-on-demand-ms", SETTING_DURATION, FIELD(durations.billing_on_demand_ms), 0, DAY_MS, "MS", NULL,
      "how long the first switch to on-demand takes" },
    { "billing-return-ms", SETTING_DURATION, FIELD(durations.billing_return_ms), 0, DAY_MS, "MS", NULL,
      "how long a later switch to on-demand takes" },
    { "stream-update-ms", SETTING_DURATION, FIELD(durations.stream_update_ms), 0, DAY_MS, "MS", NULL,
      "how long a stream is being switched" },
    { "table-class-ms", SETTING_DURATION, FIELD(durations.table_class_ms), 0, DAY_MS, "MS", NULL,
      "how long a change of the table class takes" },
    { "encryption-ms", SETTING_DURATION, FIELD(durations.encryption_ms), 0, DAY_MS, "MS", NULL,
      "how long a change of the encryption takes" },
    { "warm-throughput-ms", SETTING_DURATION, FIELD(durations.warm_throughput_ms), 0, DAY_MS, "MS", NULL,
      "how long a raise of the warm throughput takes" },
    { "protection-pause-ms", SETTING_DURATION, FIELD(durations.protection_pause_ms), 0, DAY_MS, "MS", NULL,
      "between changes of deletion protection" },
    { "tags-update-ms", SETTING_DURATION, FIELD(durations.tags_update_ms), 0, DAY_MS, "MS", NULL,
      "how long a change of tags takes to be seen" },
    { "ttl-update-ms", SETTING_DURATION, FIELD(durations.ttl_update_ms), 0, DAY_MS, "MS", NULL,
      "how long time to live is ENABLING or DISABLING" },
    { "ttl-pause-ms", SETTING_DURATION, FIELD(durations.ttl_pause_ms), 0, DAY_MS, "MS", NULL,
      "between changes of time to live" },
    { "ttl-sweep-ms", SETTING_DURATION, FIELD(durations.ttl_sweep_ms), 0, DAY_MS, "MS", NULL,
      "between looks for expired items; 0: they stay" },
    { "insights-update-ms", SETTING_DURATION, FIELD(durations.insights_update_ms), 0, DAY_MS, "MS", NULL,
      "how long insights are ENABLING or DISABLING" },
    { "backups-enable-ms", SETTING_DURATION, FIELD(durations.backups_enable_ms), 0, DAY_MS, "MS", NULL,
      "how long a new table cannot be backed up" },
    { "policy-update-ms", SETTING_DURATION, FIELD(durations.policy_update_ms), 0, DAY_MS, "MS", NULL,
      "how long a change of a policy takes to be seen" },
    { "policy-pause-ms", SETTING_DURATION, FIELD(durations.policy_pause_ms), 0, DAY_MS, "MS", NULL,
      "between changes of a resource policy" },
    { "kinesis-enable-ms", SETTING_DURATION, FIELD(durations.kinesis_enable_ms), 0, DAY_MS, "MS", NULL,
      "how long a destination is ENABLING or DISABLING" },
    { "kinesis-update-ms", SETTING_DURATION, FIELD(durations.kinesis_update_ms), 0, DAY_MS, "MS", NULL,
      "how long a destination is UPDATING" },
    { "stack-step-ms", SETTING_DURATION, FIELD(durations.stack_step_ms), 0, DAY_MS, "MS", NULL,
      "between the steps of a CloudFormation stack" },
    { "cfn-other-resources", SETTING_OTHER_RESOURCES, FIELD(other_resources), 0, 0, "WHAT", "fail",
      "resources of stacks that are no tables: fail, or noop" },
    { "cfn-wait-for-index", SETTING_SWITCH, FIELD(stacks_wait_for_index), 0, 0, NULL, NULL,
      "a stack update that adds an index waits until it is ACTIVE" },
    { "item-count-refresh-ms", SETTING_INTEGER, FIELD(item_count_refresh_ms), 0, DAY_MS, "MS", "21600000",
      "between refreshes of ItemCount; 0: always current" },
    { "throttle", SETTING_SWITCH, FIELD(throttles), 0, 0, NULL, NULL,
      "refuse what exceeds the capacity of a table or index" },
    { "index-lag", SETTING_INTEGER, FIELD(index_lag_ms), 0, 60000, "MS", "0",
      "how far reads of global indexes are behind" },
    { "threads", SETTING_INTEGER, FIELD(threads), THREADS_MIN, THREADS_MAX, "N", NULL,
      "threads that answer requests (default: one per processor, at least 2)" },
    { "map-size", SETTING_SIZE, FIELD(map_size_bytes), 16 * MIB, 16384 * GIB, "SIZE", "64GiB",
      "most that the data may take; the file grows as used" },
    { "region", SETTING_TEXT, FIELD(region), 0, 0, "REGION", "us-east-1",
      "region of callers that name none" },
    { "wording", SETTING_WORDING, FIELD(wording), 0, 0, "NAME", "classic",
      "words of validation errors: classic or 2026" },
    { "isolate", SETTING_SWITCH, FIELD(is_isolated), 0, 0, NULL, NULL,
      "keep the tables of every access key and region apart" },
    { "control-token", SETTING_TEXT, FIELD(control_token), 0, 0, "TOKEN", NULL,
      "opens /_rehearsedb/ on an address that is not loopback" },
};

static const struct profile {
    const char *name;
    struct durations durations;
} PROFILES[] = {
    { "brisk", { .table_create_ms = 200, .table_create_indexed_ms = 200, .table_update_ms = 200,
                 .table_delete_ms = 200, .index_allocate_ms = 400, .index_backfill_ms = 600,
                 .index_update_ms = 200, .index_delete_ms = 300, .billing_provisioned_ms = 300,
                 .billing_on_demand_ms = 300, .billing_return_ms = 200, .stream_update_ms = 200,
                 .table_class_ms = 200, .encryption_ms = 300, .warm_throughput_ms = 300,
                 .tags_update_ms = 200, .ttl_update_ms = 200, .ttl_sweep_ms = 1000, .insights_update_ms = 200,
                 .backups_enable_ms = 200, .policy_update_ms = 200, .kinesis_enable_ms = 200,
                 .kinesis_update_ms = 300 } },
    { "instant", { .ttl_sweep_ms = 100 } },
    /* Measured on AWS: a table without an index is ACTIVE after 2 to 6 s, with some after 14 to 22 s; an
     * index without items takes 24 to 56 s to allocate and is ACTIVE after 506 to 539 s; it is gone 3 to
     * 5 s after its delete. New throughput takes 1 to 2 s, of an index 2 to 4 s; a switch to provisioned
     * 60 to 98 s, the first to on-demand 128 to 171 s, a later one 4 to 5 s; a stream 4 to 5 s, a table
     * class 4 to 6 s, encryption 21 to 23 s, warm throughput 272 to 514 s. Tags can be read after 1.5 to
     * 3 s, a policy after 1 to 2.7 s and be changed again after 15 s; time to live is settled within 2 s
     * and can be changed again after 30 to 31 minutes; insights take 1 to 16 s, a Kinesis destination 2
     * to 7 s and its precision 124 to 152 s; backups are possible 1.4 to 2.7 s after a table is ACTIVE.
     * How often the service looks for expired items is not known: it promises a few days. */
    { "real", { .table_create_ms = 4000, .table_create_indexed_ms = 17000, .table_update_ms = 2000,
                .table_delete_ms = 5000, .index_allocate_ms = 40000, .index_backfill_ms = 480000,
                .index_update_ms = 3000, .index_delete_ms = 4000, .billing_provisioned_ms = 80000,
                .billing_on_demand_ms = 140000, .billing_return_ms = 4500, .stream_update_ms = 4500,
                .table_class_ms = 4500, .encryption_ms = 22000, .warm_throughput_ms = 400000,
                .protection_pause_ms = 15000, .tags_update_ms = 1600, .ttl_update_ms = 1000,
                .ttl_pause_ms = 1860000, .ttl_sweep_ms = 600000, .insights_update_ms = 2000,
                .backups_enable_ms = 2600, .policy_update_ms = 1500, .policy_pause_ms = 15000,
                .kinesis_enable_ms = 5000, .kinesis_update_ms = 130000, .stack_step_ms = 1000 } },
};
// clang-format on

enum {
    SETTING_COUNT = sizeof SETTINGS / sizeof SETTINGS[0],
    PROFILE_COUNT = sizeof PROFILES / sizeof PROFILES[0],
};

/* Where a setting's value came from; a later one beats an earlier one. */
enum origin { ORIGIN_DEFAULT, ORIGIN_ENVIRONMENT, ORIGIN_FLAG };

struct parse {
    struct config config;
    enum origin origins[SETTING_COUNT];
    char *message;
    size_t message_size;
};

static void *field_of(struct config *config, const struct setting *setting)
{
    return (uint8_t *)config + setting->offset;
}

static bool is_number(enum setting_type type)
{
    return type == SETTING_INTEGER || type == SETTING_DURATION || type == SETTING_SIZE;
}

static const struct profile *find_profile(const char *name)
{
    for (size_t i = 0; i < PROFILE_COUNT; i++) {
        if (strcmp(PROFILES[i].name, name) == 0) {
            return &PROFILES[i];
        }
    }
    return NULL;
}

static void variable_name(const struct setting *setting, char out_name[VARIABLE_NAME_SIZE])
{
    int length = snprintf(out_name, VARIABLE_NAME_SIZE, "REHEARSEDB_%s", setting->flag);
    assert(length < VARIABLE_NAME_SIZE);
    (void)length; /* looked at by the assertion only */
    for (char *letter = out_name; *letter != '\0'; letter++) {
        if (*letter == '-') {
            *letter = '_';
        } else {
            *letter = (char)toupper((unsigned char)*letter);
        }
    }
}

/* number -> digit { digit }; `out_rest` is what follows. False for numbers no setting allows. */
static bool read_digits(const char *text, int64_t *out_value, const char **out_rest)
{
    int64_t value = 0;
    const char *next = text;
    for (; *next >= '0' && *next <= '9'; next++) {
        if (value > INT64_MAX / 100) {
            return false;
        }
        value = value * 10 + (*next - '0');
    }
    *out_value = value;
    *out_rest = next;
    return next != text;
}

/* size -> number [ "KiB" | "MiB" | "GiB" ] */
static bool read_size(const char *text, int64_t maximum, int64_t *out_value)
{
    static const struct {
        const char *suffix;
        int64_t unit;
    } units[] = { { "", 1 }, { "KiB", KIB }, { "MiB", MIB }, { "GiB", GIB } };
    int64_t count = 0;
    const char *suffix = NULL;
    if (!read_digits(text, &count, &suffix)) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(suffix, units[i].suffix) == 0) {
            *out_value = count > maximum / units[i].unit ? INT64_MAX : count * units[i].unit;
            return true;
        }
    }
    return false;
}

static bool read_number(const struct setting *setting, const char *text, int64_t *out_value)
{
    int64_t value = 0;
    const char *rest = NULL;
    bool well_formed = setting->type == SETTING_SIZE
                           ? read_size(text, setting->maximum, &value)
                           : read_digits(text, &value, &rest) && *rest == '\0';
    if (!well_formed || value < setting->minimum || value > setting->maximum) {
        return false;
    }
    *out_value = value;
    return true;
}

static bool read_switch(const char *text, bool *out_value)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = { { "true", true }, { "1", true }, { "false", false }, { "0", false } };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i].word) == 0) {
            *out_value = words[i].value;
            return true;
        }
    }
    return false;
}

/* NULL for what is no choice. */
static const char *const *choices_of(enum setting_type type)
{
    if (type == SETTING_WORDING) {
        return WORDINGS;
    }
    return type == SETTING_OTHER_RESOURCES ? OTHER_RESOURCES : NULL;
}

static bool read_choice(const char *text, const char *const *choices, unsigned *out_value)
{
    for (unsigned i = 0; choices[i] != NULL; i++) {
        if (strcmp(text, choices[i]) == 0) {
            *out_value = i;
            return true;
        }
    }
    return false;
}

static void describe_profiles(char *out_text, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < PROFILE_COUNT && length < size; i++) {
        const char *separator = i == 0 ? "" : ", ";
        length +=
            (size_t)snprintf(out_text + length, size - length, "%s%s", separator, PROFILES[i].name);
    }
}

/* What values a setting allows, in words. */
static void describe_allowed(const struct setting *setting, char *out_text, size_t size)
{
    switch (setting->type) {
    case SETTING_TEXT:
        (void)snprintf(out_text, size, "a text that is not empty");
        break;
    case SETTING_INTEGER:
        (void)snprintf(out_text, size, "a whole number from %lld to %lld",
                       (long long)setting->minimum, (long long)setting->maximum);
        break;
    case SETTING_DURATION:
        (void)snprintf(out_text, size, "milliseconds from %lld to %lld",
                       (long long)setting->minimum, (long long)setting->maximum);
        break;
    case SETTING_SIZE:
        (void)snprintf(out_text, size,
                       "a size from %lldMiB to %lldGiB, in bytes or with KiB, MiB or GiB",
                       (long long)(setting->minimum / MIB), (long long)(setting->maximum / GIB));
        break;
    case SETTING_SWITCH:
        (void)snprintf(out_text, size, "true, 1, false, 0, or the flag alone");
        break;
    case SETTING_PROFILE:
        describe_profiles(out_text, size);
        break;
    case SETTING_WORDING:
    case SETTING_OTHER_RESOURCES:
        (void)snprintf(out_text, size, "%s, %s", choices_of(setting->type)[0],
                       choices_of(setting->type)[1]);
        break;
    }
}

/* Sets the field from typed text, or says what would have been allowed; `name` is what the user
 * wrote. */
static bool
assign(struct parse *parse, size_t index, const char *name, const char *text, enum origin origin)
{
    const struct setting *setting = &SETTINGS[index];
    void *field = field_of(&parse->config, setting);
    bool valid = false;
    if (is_number(setting->type)) {
        valid = read_number(setting, text, field);
    } else if (setting->type == SETTING_SWITCH) {
        valid = read_switch(text, field);
    } else if (choices_of(setting->type) != NULL) {
        valid = read_choice(text, choices_of(setting->type), field);
    } else {
        valid = setting->type == SETTING_PROFILE ? find_profile(text) != NULL : *text != '\0';
        *(const char **)field = text;
    }
    if (!valid) {
        char allowed[128];
        describe_allowed(setting, allowed, sizeof allowed);
        (void)snprintf(parse->message, parse->message_size, "%s: '%s' is not allowed; allowed: %s",
                       name, text, allowed);
        return false;
    }
    parse->origins[index] = origin;
    return true;
}

static void assign_defaults(struct parse *parse)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &SETTINGS[i];
        if (setting->default_text != NULL) {
            bool valid = assign(parse, i, setting->flag, setting->default_text, ORIGIN_DEFAULT);
            assert(valid);
            (void)valid;
        } else if (is_number(setting->type)) {
            *(int64_t *)field_of(&parse->config, setting) = UNSET;
        }
    }
}

static bool assign_environment(struct parse *parse, char *const *environment)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        char name[VARIABLE_NAME_SIZE];
        variable_name(&SETTINGS[i], name);
        const char *value = config_environment(environment, name);
        if (value != NULL && !assign(parse, i, name, value, ORIGIN_ENVIRONMENT)) {
            return false;
        }
    }
    return true;
}

/* The setting that `argument` names, SETTING_COUNT if none; `out_value` is what follows '=', or
 * NULL. */
static size_t find_flag(const char *argument, const char **out_value)
{
    if (strncmp(argument, "--", 2) != 0) {
        return SETTING_COUNT;
    }
    const char *name = argument + 2;
    size_t length = strcspn(name, "=");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strlen(SETTINGS[i].flag) == length && strncmp(SETTINGS[i].flag, name, length) == 0) {
            *out_value = name[length] == '=' ? name + length + 1 : NULL;
            return i;
        }
    }
    return SETTING_COUNT;
}

static bool assign_flags(struct parse *parse, int argument_count, char *const *arguments)
{
    for (int i = 0; i < argument_count; i++) {
        const char *value = NULL;
        size_t index = find_flag(arguments[i], &value);
        if (index == SETTING_COUNT) {
            (void)snprintf(parse->message, parse->message_size,
                           "unknown argument '%s'; 'rehearsedb serve --help' lists all flags",
                           arguments[i]);
            return false;
        }
        const struct setting *setting = &SETTINGS[index];
        char name[VARIABLE_NAME_SIZE];
        (void)snprintf(name, sizeof name, "--%s", setting->flag);
        if (value == NULL && setting->type == SETTING_SWITCH) {
            value = "true";
        } else if (value == NULL && i + 1 < argument_count) {
            value = arguments[++i];
        } else if (value == NULL) {
            (void)snprintf(parse->message, parse->message_size, "%s needs a value: %s %s", name,
                           name, setting->placeholder);
            return false;
        }
        if (!assign(parse, index, name, value, ORIGIN_FLAG)) {
            return false;
        }
    }
    return true;
}

static enum origin origin_of(const struct parse *parse, size_t offset)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (SETTINGS[i].offset == offset) {
            return parse->origins[i];
        }
    }
    assert(false);
    return ORIGIN_DEFAULT;
}

/* In memory or in a folder: both as flags contradict each other, else the flag decides. */
static bool settle_mode(struct parse *parse)
{
    struct config *config = &parse->config;
    if (!config->in_memory || origin_of(parse, FIELD(data_directory)) != ORIGIN_FLAG) {
        return true;
    }
    if (origin_of(parse, FIELD(in_memory)) == ORIGIN_FLAG) {
        (void)snprintf(parse->message, parse->message_size,
                       "--in-memory and --data %s exclude each other; give one of them",
                       config->data_directory);
        return false;
    }
    config->in_memory = false;
    return true;
}

static void settle_durations(struct config *config)
{
    const struct profile *profile = find_profile(config->profile);
    assert(profile != NULL);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        int64_t *field = field_of(config, &SETTINGS[i]);
        if (SETTINGS[i].type == SETTING_DURATION && *field == UNSET) {
            size_t offset = SETTINGS[i].offset - FIELD(durations);
            memcpy(field, (const uint8_t *)&profile->durations + offset, sizeof *field);
        }
    }
}

static void settle_threads(struct config *config)
{
    if (config->threads == UNSET) {
        int64_t processors = sysconf(_SC_NPROCESSORS_ONLN);
        processors = processors < THREADS_MIN ? THREADS_MIN : processors;
        config->threads = processors > THREADS_MAX ? THREADS_MAX : processors;
    }
}

bool config_read(int argument_count,
                 char *const *arguments,
                 char *const *environment,
                 struct config *out_config,
                 char *out_message,
                 size_t message_size)
{
    struct parse parse = { .message_size = message_size };
    parse.message = out_message;
    assign_defaults(&parse);
    if (!assign_environment(&parse, environment) ||
        !assign_flags(&parse, argument_count, arguments) || !settle_mode(&parse)) {
        return false;
    }
    settle_durations(&parse.config);
    settle_threads(&parse.config);
    *out_config = parse.config;
    return true;
}

const char *config_environment(char *const *environment, const char *name)
{
    size_t length = strlen(name);
    for (char *const *entry = environment; *entry != NULL; entry++) {
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') {
            const char *value = *entry + length + 1;
            return *value != '\0' ? value : NULL;
        }
    }
    return NULL;
}

void config_print_flags(FILE *stream)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &SETTINGS[i];
        char flag[64];
        (void)snprintf(flag, sizeof flag, "--%s%s%s", setting->flag,
                       setting->placeholder != NULL ? " " : "",
                       setting->placeholder != NULL ? setting->placeholder : "");
        (void)fprintf(stream, "  %-24s %s", flag, setting->help);
        if (setting->default_text != NULL) {
            (void)fprintf(stream, " (default %s)", setting->default_text);
        } else if (setting->type == SETTING_DURATION) {
            (void)fprintf(stream, " (default: the profile's)");
        }
        (void)fprintf(stream, "\n");
    }
}
