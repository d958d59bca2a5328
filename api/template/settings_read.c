#include "api/template/settings_read.h"

#include "api/template/definition.h"
#include "api/template/node.h"
#include "storage/base/arena.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct value known(const char *text)
{
    return (struct value){ .state = VALUE_KNOWN, .text = text };
}

static struct value unknown(const char *why)
{
    return (struct value){ .state = VALUE_UNKNOWN, .text = why };
}

static const struct value UNSAID = { .state = VALUE_UNSAID, .text = "" };

/* What a source says by leaving a member out. */
static struct value dropped(const struct table_definition *table, const char *text)
{
    struct value value = known(text);
    value.is_dropped = table->source == SOURCE_TEMPLATE;
    return value;
}

/* A scalar's text; `absent` when it is not there. */
static struct value scalar_value(const struct node *node, struct value absent)
{
    if (node == NULL) {
        return absent;
    }
    if (node->kind == NODE_UNKNOWN) {
        return unknown(node->text);
    }
    return node->kind == NODE_SCALAR ? known(node->text) : unknown("is no single value");
}

static struct value boolean_value(const struct node *node, struct value absent)
{
    struct value value = scalar_value(node, absent);
    bool is_boolean = strcmp(value.text, "true") == 0 || strcmp(value.text, "false") == 0;
    return node == NULL || value.state != VALUE_KNOWN || is_boolean
               ? value
               : unknown("is neither true nor false");
}

static struct value json_value(struct arena *arena, const struct node *node, struct value absent)
{
    if (node == NULL) {
        return absent;
    }
    const struct node *hole = node_find_unknown(node);
    if (hole != NULL) {
        return unknown(hole->text);
    }
    struct buffer text;
    buffer_init(&text, arena, 128);
    node_append_json(&text, node, true);
    return known(bytes_to_text(arena, buffer_view(&text)));
}

/* ---- throughput: pairs of numbers ---- */

struct pair {
    const char *read_name;
    const char *write_name;
    const char *otherwise; /* of a number that is absent; NULL: both are needed */
};

static const struct pair PROVISIONED = { "ReadCapacityUnits", "WriteCapacityUnits", NULL };
static const struct pair ON_DEMAND = { "MaxReadRequestUnits", "MaxWriteRequestUnits", "-1" };
static const struct pair WARM = { "ReadUnitsPerSecond", "WriteUnitsPerSecond", NULL };

static bool is_number(const char *text)
{
    char *end = NULL;
    errno = 0;
    (void)strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

static struct value number_value(const struct node *node)
{
    struct value value = scalar_value(node, UNSAID);
    return value.state != VALUE_KNOWN || is_number(value.text) ? value : unknown("is no number");
}

static struct value pair_value(struct arena *arena,
                               const struct pair *pair,
                               const struct node *read,
                               const struct node *write)
{
    struct value reads = scalar_value(read, known(pair->otherwise));
    struct value writes = scalar_value(write, known(pair->otherwise));
    if (reads.state == VALUE_UNKNOWN || writes.state == VALUE_UNKNOWN) {
        return reads.state == VALUE_UNKNOWN ? reads : writes;
    }
    if (reads.text == NULL || writes.text == NULL) {
        return unknown("is given by half");
    }
    if (!is_number(reads.text) || !is_number(writes.text)) {
        return unknown("is no number");
    }
    struct buffer text;
    buffer_init(&text, arena, 64);
    buffer_append_format(&text, "{\"%s\":%lld,\"%s\":%lld}", pair->read_name,
                         strtoll(reads.text, NULL, 10), pair->write_name,
                         strtoll(writes.text, NULL, 10));
    return known(bytes_to_text(arena, buffer_view(&text)));
}

static struct value
pair_of(struct arena *arena, const struct pair *pair, const struct node *node, struct value absent)
{
    if (node == NULL) {
        return absent;
    }
    if (node->kind == NODE_UNKNOWN) {
        return unknown(node->text);
    }
    return pair_value(arena, pair, node_member(node, pair->read_name),
                      node_member(node, pair->write_name));
}

static bool is_on_demand(const struct table_definition *table)
{
    const struct value *mode = &table->settings[SETTING_BILLING_MODE];
    return mode->state == VALUE_KNOWN && strcmp(mode->text, "PAY_PER_REQUEST") == 0;
}

/* The three throughputs of a table or an index, by the table's billing mode. */
static void read_throughputs(struct arena *arena,
                             const struct table_definition *table,
                             const struct node *node,
                             struct value *settings)
{
    bool on_demand = is_on_demand(table);
    settings[SETTING_PROVISIONED_THROUGHPUT] =
        on_demand ? known("")
                  : pair_of(arena, &PROVISIONED, node_member(node, "ProvisionedThroughput"),
                            unknown("is not given, though BillingMode is PROVISIONED"));
    settings[SETTING_ON_DEMAND_THROUGHPUT] =
        on_demand ? pair_of(arena, &ON_DEMAND, node_member(node, "OnDemandThroughput"), known(""))
                  : known("");
    if (strcmp(settings[SETTING_ON_DEMAND_THROUGHPUT].text,
               "{\"MaxReadRequestUnits\":-1,\"MaxWriteRequestUnits\":-1}") == 0) {
        settings[SETTING_ON_DEMAND_THROUGHPUT] = known("");
    }
    settings[SETTING_WARM_THROUGHPUT] =
        pair_of(arena, &WARM, node_member(node, "WarmThroughput"), UNSAID);
}

/* ---- tags ---- */

static int compare_tags(const void *left, const void *right)
{
    const struct node *one = *(const struct node *const *)left;
    const struct node *other = *(const struct node *const *)right;
    return strcmp(node_text(node_member(one, "Key"), ""), node_text(node_member(other, "Key"), ""));
}

static struct value tags_value(struct arena *arena, const struct node *list, struct value absent)
{
    if (list == NULL) {
        return absent;
    }
    size_t count = node_count(list);
    const struct node **tags = arena_alloc(arena, (count + 1) * sizeof(struct node *));
    size_t i = 0;
    for (const struct node *tag = list->first; tag != NULL; tag = tag->next) {
        tags[i++] = tag;
    }
    if (count > 1) {
        qsort(tags, count, sizeof(struct node *), compare_tags);
    }
    struct node *sorted = node_new(arena, NODE_LIST, "");
    for (i = 0; i < count; i++) {
        node_append(sorted, NULL, node_copy(arena, tags[i]));
    }
    return count > 0 ? json_value(arena, sorted, absent) : known("");
}

/* ---- deployed ---- */

static const char *member_text(const struct node *map, const char *name, const char *otherwise)
{
    return node_text(node_member(map, name), otherwise);
}

static struct value on_or_off(const char *text, const char *on)
{
    return known(strcmp(text, on) == 0 ? "true" : "false");
}

/* A policy is a text of JSON on the wire and a tree in a template. */
static struct value policy_value(struct arena *arena, const struct node *text)
{
    const struct node *tree = NULL;
    const char *error = NULL;
    struct value value = scalar_value(text, known(""));
    if (value.state == VALUE_KNOWN && value.text[0] != '\0' &&
        node_read(arena, bytes_of_text(value.text), &tree, &error)) {
        return json_value(arena, tree, value);
    }
    return value;
}

/* The stream of the first destination that is on. */
static struct value destination_value(const struct node *list)
{
    if (list == NULL) {
        return UNSAID;
    }
    for (const struct node *entry = list->first; entry != NULL; entry = entry->next) {
        const char *status = member_text(entry, "DestinationStatus", "");
        if (strcmp(status, "ACTIVE") == 0 || strcmp(status, "ENABLING") == 0 ||
            strcmp(status, "UPDATING") == 0) {
            return known(member_text(entry, "StreamArn", ""));
        }
    }
    return known("");
}

void settings_read_insights(const struct node *document, struct table_definition *table)
{
    const struct node *list = node_member(document, "ContributorInsightsSummaries");
    if (list == NULL) {
        return;
    }
    table->settings[SETTING_CONTRIBUTOR_INSIGHTS] = known("false");
    for (size_t i = 0; i < table->global_indexes.count; i++) {
        table->global_indexes.items[i].settings[SETTING_CONTRIBUTOR_INSIGHTS] = known("false");
    }
    for (const struct node *entry = list->first; entry != NULL; entry = entry->next) {
        const char *name = member_text(entry, "IndexName", NULL);
        struct index_definition *index =
            name != NULL ? definition_find_index(&table->global_indexes, name) : NULL;
        const char *status = member_text(entry, "ContributorInsightsStatus", "");
        struct value value = known(strncmp(status, "ENABL", 5) == 0 ? "true" : "false");
        if (index != NULL) {
            index->settings[SETTING_CONTRIBUTOR_INSIGHTS] = value;
        } else if (name == NULL) {
            table->settings[SETTING_CONTRIBUTOR_INSIGHTS] = value;
        }
    }
}

/* The answers of other operations, where they were put beside DescribeTable's. */
static void
read_neighbours(struct arena *arena, const struct node *document, struct value *settings)
{
    const struct node *ttl = node_member(document, "TimeToLiveDescription");
    if (ttl != NULL) {
        const char *status = member_text(ttl, "TimeToLiveStatus", "DISABLED");
        bool is_on = strcmp(status, "ENABLED") == 0 || strcmp(status, "ENABLING") == 0;
        settings[SETTING_TIME_TO_LIVE] = known(is_on ? member_text(ttl, "AttributeName", "") : "");
    }
    const struct node *recovery = node_member(node_member(document, "ContinuousBackupsDescription"),
                                              "PointInTimeRecoveryDescription");
    if (recovery != NULL) {
        settings[SETTING_POINT_IN_TIME_RECOVERY] =
            on_or_off(member_text(recovery, "PointInTimeRecoveryStatus", ""), "ENABLED");
        settings[SETTING_RECOVERY_PERIOD] =
            number_value(node_member(recovery, "RecoveryPeriodInDays"));
    }
    const struct node *policy = node_member(document, "Policy");
    if (policy != NULL) {
        settings[SETTING_RESOURCE_POLICY] = policy_value(arena, policy);
    }
    settings[SETTING_KINESIS_STREAM] =
        destination_value(node_member(document, "KinesisDataStreamDestinations"));
    settings[SETTING_TAGS] = tags_value(arena, node_member(document, "Tags"), UNSAID);
}

static void read_deployed_encryption(const struct node *description, struct value *settings)
{
    const struct node *encryption = node_member(description, "SSEDescription");
    const char *status = member_text(encryption, "Status", "DISABLED");
    bool is_on = strncmp(status, "DISABL", 6) != 0;
    settings[SETTING_ENCRYPTION] = known(is_on ? member_text(encryption, "SSEType", "KMS") : "");
    settings[SETTING_ENCRYPTION_KEY] =
        is_on ? scalar_value(node_member(encryption, "KMSMasterKeyArn"), UNSAID) : UNSAID;
}

void settings_read_deployed(struct arena *arena,
                            const struct node *document,
                            const struct node *description,
                            struct table_definition *out_table)
{
    struct value *settings = out_table->settings;
    for (int i = 0; i < SETTING_COUNT; i++) {
        settings[i] = UNSAID;
    }
    const struct node *mode = node_member(description, "BillingModeSummary");
    settings[SETTING_BILLING_MODE] = known(member_text(mode, "BillingMode", "PROVISIONED"));
    read_throughputs(arena, out_table, description, settings);
    const struct node *stream = node_member(description, "StreamSpecification");
    bool has_stream = strcmp(member_text(stream, "StreamEnabled", "false"), "true") == 0;
    settings[SETTING_STREAM] = known(has_stream ? member_text(stream, "StreamViewType", "") : "");
    read_deployed_encryption(description, settings);
    const struct node *class = node_member(description, "TableClassSummary");
    settings[SETTING_TABLE_CLASS] = known(member_text(class, "TableClass", "STANDARD"));
    settings[SETTING_DELETION_PROTECTION] =
        boolean_value(node_member(description, "DeletionProtectionEnabled"), known("false"));
    read_neighbours(arena, document, settings);
}

/* ---- wanted ---- */

/* Of SSESpecification: CreateTable says Enabled, templates say SSEEnabled. */
static void read_encryption(const struct node *encryption, struct value *settings)
{
    const struct node *enabled = node_member(encryption, "Enabled");
    enabled = enabled != NULL ? enabled : node_member(encryption, "SSEEnabled");
    struct value value = scalar_value(enabled, known("false"));
    settings[SETTING_ENCRYPTION_KEY] = UNSAID;
    if (value.state == VALUE_UNKNOWN) {
        settings[SETTING_ENCRYPTION] = value;
        return;
    }
    bool is_on = strcmp(value.text, "true") == 0;
    settings[SETTING_ENCRYPTION] = known(is_on ? "KMS" : "");
    if (is_on) {
        settings[SETTING_ENCRYPTION_KEY] =
            scalar_value(node_member(encryption, "KMSMasterKeyId"), UNSAID);
    }
}

static struct value stream_value(const struct node *stream)
{
    if (stream == NULL || strcmp(member_text(stream, "StreamEnabled", "true"), "true") != 0) {
        return known("");
    }
    return stream->kind == NODE_UNKNOWN
               ? unknown(stream->text)
               : scalar_value(node_member(stream, "StreamViewType"), known(""));
}

static struct value time_to_live_value(const struct table_definition *table,
                                       const struct node *specification)
{
    if (specification == NULL) {
        return dropped(table, "");
    }
    struct value enabled = scalar_value(
        node_member(specification, "Enabled"),
        specification->kind == NODE_UNKNOWN ? unknown(specification->text) : known("false"));
    if (enabled.state == VALUE_UNKNOWN) {
        return enabled;
    }
    return strcmp(enabled.text, "true") == 0
               ? scalar_value(node_member(specification, "AttributeName"), known(""))
               : known("");
}

/* What a table's properties and a replica's hold alike. */
static void read_template_settings(struct arena *arena,
                                   const struct node *from,
                                   struct table_definition *out_table)
{
    struct value *settings = out_table->settings;
    struct value off = dropped(out_table, "false");
    const struct node *insights = node_member(from, "ContributorInsightsSpecification");
    settings[SETTING_CONTRIBUTOR_INSIGHTS] = boolean_value(node_member(insights, "Enabled"), off);
    const struct node *recovery = node_member(from, "PointInTimeRecoverySpecification");
    settings[SETTING_POINT_IN_TIME_RECOVERY] =
        boolean_value(node_member(recovery, "PointInTimeRecoveryEnabled"), off);
    settings[SETTING_RECOVERY_PERIOD] = number_value(node_member(recovery, "RecoveryPeriodInDays"));
    settings[SETTING_TABLE_CLASS] =
        scalar_value(node_member(from, "TableClass"), dropped(out_table, "STANDARD"));
    settings[SETTING_DELETION_PROTECTION] =
        boolean_value(node_member(from, "DeletionProtectionEnabled"), off);
    const struct node *kinesis = node_member(from, "KinesisStreamSpecification");
    settings[SETTING_KINESIS_STREAM] =
        scalar_value(node_member(kinesis, "StreamArn"), dropped(out_table, ""));
    settings[SETTING_TAGS] = tags_value(arena, node_member(from, "Tags"), dropped(out_table, ""));
    const struct node *policy = node_member(from, "ResourcePolicy");
    settings[SETTING_RESOURCE_POLICY] =
        json_value(arena, node_member(policy, "PolicyDocument"), dropped(out_table, ""));
}

static void
read_create_table_settings(struct arena *arena, const struct node *input, struct value *settings)
{
    settings[SETTING_CONTRIBUTOR_INSIGHTS] = UNSAID;
    settings[SETTING_TIME_TO_LIVE] = UNSAID;
    settings[SETTING_POINT_IN_TIME_RECOVERY] = UNSAID;
    settings[SETTING_RECOVERY_PERIOD] = UNSAID;
    settings[SETTING_KINESIS_STREAM] = UNSAID;
    settings[SETTING_TABLE_CLASS] =
        scalar_value(node_member(input, "TableClass"), known("STANDARD"));
    settings[SETTING_DELETION_PROTECTION] =
        boolean_value(node_member(input, "DeletionProtectionEnabled"), known("false"));
    settings[SETTING_RESOURCE_POLICY] =
        node_member(input, "ResourcePolicy") != NULL
            ? policy_value(arena, node_member(input, "ResourcePolicy"))
            : UNSAID;
    settings[SETTING_TAGS] = tags_value(arena, node_member(input, "Tags"), UNSAID);
}

void settings_read_wanted(struct arena *arena,
                          const struct node *input,
                          struct table_definition *out_table)
{
    struct value *settings = out_table->settings;
    settings[SETTING_BILLING_MODE] =
        scalar_value(node_member(input, "BillingMode"), known("PROVISIONED"));
    read_throughputs(arena, out_table, input, settings);
    read_encryption(node_member(input, "SSESpecification"), settings);
    settings[SETTING_STREAM] = stream_value(node_member(input, "StreamSpecification"));
    if (out_table->source == SOURCE_CREATE_TABLE) {
        read_create_table_settings(arena, input, settings);
        return;
    }
    read_template_settings(arena, input, out_table);
    settings[SETTING_TIME_TO_LIVE] =
        time_to_live_value(out_table, node_member(input, "TimeToLiveSpecification"));
}

/* ---- global tables: write settings of the table, read settings of a replica ---- */

static const struct node *nested(const struct node *map, const char *outer, const char *inner)
{
    return node_member(node_member(map, outer), inner);
}

static void read_global_throughputs(struct arena *arena,
                                    const struct table_definition *table,
                                    const struct node *writes,
                                    const struct node *reads,
                                    struct value *settings)
{
    settings[SETTING_PROVISIONED_THROUGHPUT] = known("");
    settings[SETTING_ON_DEMAND_THROUGHPUT] = known("");
    settings[SETTING_WARM_THROUGHPUT] =
        pair_of(arena, &WARM, node_member(writes, "WarmThroughput"), UNSAID);
    if (!is_on_demand(table)) {
        settings[SETTING_PROVISIONED_THROUGHPUT] =
            unknown("is scaled automatically, as every global table's");
        return;
    }
    const struct node *most_writes =
        nested(writes, "WriteOnDemandThroughputSettings", "MaxWriteRequestUnits");
    const struct node *most_reads =
        nested(reads, "ReadOnDemandThroughputSettings", "MaxReadRequestUnits");
    if (most_writes != NULL || most_reads != NULL) {
        settings[SETTING_ON_DEMAND_THROUGHPUT] =
            pair_value(arena, &ON_DEMAND, most_reads, most_writes);
    }
}

void settings_read_global(struct arena *arena,
                          const struct node *properties,
                          struct table_definition *out_table)
{
    struct value *settings = out_table->settings;
    const struct node *replicas = node_member(properties, "Replicas");
    const struct node *replica = replicas != NULL ? replicas->first : NULL;
    settings[SETTING_BILLING_MODE] =
        scalar_value(node_member(properties, "BillingMode"), known("PROVISIONED"));
    read_global_throughputs(arena, out_table, properties, replica, settings);
    settings[SETTING_STREAM] = stream_value(node_member(properties, "StreamSpecification"));
    read_encryption(node_member(properties, "SSESpecification"), settings);
    if (strcmp(settings[SETTING_ENCRYPTION].text, "KMS") == 0) {
        settings[SETTING_ENCRYPTION_KEY] =
            scalar_value(nested(replica, "SSESpecification", "KMSMasterKeyId"), UNSAID);
    }
    read_template_settings(arena, replica, out_table);
    settings[SETTING_TIME_TO_LIVE] =
        time_to_live_value(out_table, node_member(properties, "TimeToLiveSpecification"));
}

void settings_read_index(struct arena *arena,
                         const struct table_definition *table,
                         const struct node *index,
                         const struct node *replica_index,
                         struct index_definition *out_index)
{
    struct value *settings = out_index->settings;
    if (table->is_global_table) {
        read_global_throughputs(arena, table, index, replica_index, settings);
    } else {
        read_throughputs(arena, table, index, settings);
    }
    const struct node *of = table->is_global_table ? replica_index : index;
    settings[SETTING_CONTRIBUTOR_INSIGHTS] =
        table->source == SOURCE_TEMPLATE
            ? boolean_value(nested(of, "ContributorInsightsSpecification", "Enabled"),
                            dropped(table, "false"))
            : UNSAID;
}
