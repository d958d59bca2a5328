#include "tools/table/described.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/document.h"
#include "tools/exit_code.h"

#include <stdio.h>
#include <string.h>

int described_find(const struct command *command,
                   struct dynamodb_client *client,
                   struct arena *arena,
                   const char *table,
                   struct described *out_described)
{
    struct dynamodb_reply reply;
    struct buffer body;
    char reason[512];
    buffer_init(&body, arena, 128);
    buffer_append_text(&body, "{\"TableName\":");
    json_append_text(&body, table);
    buffer_append_text(&body, "}");
    if (!dynamodb_client_call(client, arena, "DescribeTable", buffer_view(&body), &reply)) {
        int code = strcmp(reply.error, "ResourceNotFoundException") == 0
                       ? command_fail(command, CODE_NOT_SO, "there is no table %s at %s", table,
                                      dynamodb_client_url(client))
                       : command_fail_call(command, client, "DescribeTable", &reply);
        dynamodb_reply_free(&reply);
        return code;
    }
    out_described->answer = reply.json;
    out_described->table = json_member(reply.json, "Table");
    if (!table_shape_read(arena, out_described->table, &out_described->shape, reason,
                          sizeof reason)) {
        json_free(reply.json);
        return command_fail(command, CODE_UNREACHABLE, "cannot use the description of %s: %s",
                            table, reason);
    }
    return CODE_FINE;
}

int described_ask(const struct command *command,
                  struct arena *arena,
                  const char *table,
                  struct described *out_described)
{
    struct dynamodb_client *client = NULL;
    int code = command_connect(command, &client);
    if (code == CODE_FINE) {
        code = described_find(command, client, arena, table, out_described);
        dynamodb_client_close(client);
    }
    return code;
}

void described_free(struct described *described)
{
    json_free(described->answer);
    described->answer = NULL;
}

int described_find_index(const struct command *command,
                         const struct described *described,
                         const char *index,
                         const struct index_shape **out_index)
{
    const struct table_shape *table = &described->shape;
    char names[1024] = "";
    size_t length = 0;
    const struct index_shape *found = table_shape_find(table, index);
    if (found != NULL) {
        *out_index = found;
        return CODE_FINE;
    }
    for (size_t i = 0; i < table->index_count && length < sizeof names; i++) {
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", i > 0 ? ", " : "",
                                   table->indexes[i].name);
    }
    return command_fail(command, CODE_NOT_SO, "table %s has no index %s; it has %s", table->name,
                        index, table->index_count > 0 ? names : "none");
}

/* ---- files ---- */

int described_read_planned(const struct command *command,
                           const struct described *described,
                           struct arena *arena,
                           const char *path,
                           const char *index,
                           struct index_shape *out_shape)
{
    char reason[512];
    struct cJSON *document = NULL;
    int code = document_read(command, arena, path, &document);
    if (code != CODE_FINE) {
        return code;
    }
    const struct planned_index planned = {
        .document = document,
        .name = index,
        .table_definitions = json_member(described->table, "AttributeDefinitions"),
        .table = &described->shape,
    };
    bool is_read = index_shape_of_document(arena, &planned, out_shape, reason, sizeof reason);
    json_free(document);
    return is_read ? CODE_FINE : command_fail(command, CODE_UNREACHABLE, "%s: %s", path, reason);
}
