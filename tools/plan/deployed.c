#include "tools/plan/deployed.h"

#include "api/template/node.h"
#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/command.h"
#include "tools/exit_code.h"

#include <string.h>

enum { TAG_PAGE_COUNT_MAX = 50 }; /* a table has 50 tags at most */

/* {"NAME": text} */
static struct bytes body_of(struct arena *arena, const char *name, const char *text)
{
    struct buffer body;
    buffer_init(&body, arena, 256);
    buffer_append_format(&body, "{\"%s\":", name);
    json_append_text(&body, text);
    buffer_append_u8(&body, '}');
    return buffer_view(&body);
}

static void append_members(struct arena *arena, struct node *document, struct bytes answer)
{
    const struct node *tree = NULL;
    const char *error = NULL;
    if (!node_read(arena, answer, &tree, &error) || tree->kind != NODE_MAP) {
        return;
    }
    for (const struct node *member = tree->first; member != NULL; member = member->next) {
        if (node_member(document, member->name) == NULL) {
            node_append(document, member->name, node_copy(arena, member));
        }
    }
}

static void add_answer(struct dynamodb_client *client,
                       struct arena *arena,
                       struct node *document,
                       const char *operation,
                       struct bytes body)
{
    struct dynamodb_reply reply;
    if (dynamodb_client_call(client, arena, operation, body, &reply)) {
        append_members(arena, document, reply.body);
    }
    dynamodb_reply_free(&reply);
}

/* All tags, page by page; none when a page is refused. */
static void add_tags(struct dynamodb_client *client,
                     struct arena *arena,
                     struct node *document,
                     const char *arn)
{
    struct node *tags = node_new(arena, NODE_LIST, "");
    struct bytes body = body_of(arena, "ResourceArn", arn);
    for (int page = 0; page < TAG_PAGE_COUNT_MAX; page++) {
        struct node *answer = node_new(arena, NODE_MAP, "");
        add_answer(client, arena, answer, "ListTagsOfResource", body);
        const struct node *list = node_member(answer, "Tags");
        if (list == NULL) {
            return;
        }
        for (const struct node *tag = list->first; tag != NULL; tag = tag->next) {
            node_append(tags, NULL, node_copy(arena, tag));
        }
        const char *token = node_text(node_member(answer, "NextToken"), NULL);
        if (token == NULL) {
            node_append(document, "Tags", tags);
            return;
        }
        body = body_of(arena, "ResourceArn", arn);
        struct buffer next;
        buffer_init(&next, arena, 256);
        buffer_append(&next, body.data, body.length - 1);
        buffer_append_text(&next, ",\"NextToken\":");
        json_append_text(&next, token);
        buffer_append_u8(&next, '}');
        body = buffer_view(&next);
    }
}

/* That there is none is an answer as well. */
static void add_policy(struct dynamodb_client *client,
                       struct arena *arena,
                       struct node *document,
                       const char *arn)
{
    struct dynamodb_reply reply;
    struct bytes body = body_of(arena, "ResourceArn", arn);
    if (dynamodb_client_call(client, arena, "GetResourcePolicy", body, &reply)) {
        append_members(arena, document, reply.body);
    } else if (reply.error != NULL && strcmp(reply.error, "PolicyNotFoundException") == 0) {
        node_append(document, "Policy", node_new(arena, NODE_SCALAR, ""));
    }
    dynamodb_reply_free(&reply);
}

int deployed_read(const struct command *command,
                  struct dynamodb_client *client,
                  struct arena *arena,
                  const char *table,
                  const struct node **out_document)
{
    static const char *const neighbours[] = { "DescribeTimeToLive", "DescribeContinuousBackups",
                                              "ListContributorInsights",
                                              "DescribeKinesisStreamingDestination" };
    struct bytes name = body_of(arena, "TableName", table);
    struct node *document = node_new(arena, NODE_MAP, "");
    struct dynamodb_reply reply;
    if (!dynamodb_client_call(client, arena, "DescribeTable", name, &reply)) {
        int code = command_fail_call(command, client, "DescribeTable", &reply);
        dynamodb_reply_free(&reply);
        return code;
    }
    append_members(arena, document, reply.body);
    dynamodb_reply_free(&reply);
    for (size_t i = 0; i < sizeof neighbours / sizeof neighbours[0]; i++) {
        add_answer(client, arena, document, neighbours[i], name);
    }
    const char *arn = node_text(node_member(node_member(document, "Table"), "TableArn"), NULL);
    if (arn != NULL) {
        add_tags(client, arena, document, arn);
        add_policy(client, arena, document, arn);
    }
    *out_document = document;
    return CODE_FINE;
}
