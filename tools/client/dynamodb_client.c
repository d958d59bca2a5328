#include "tools/client/dynamodb_client.h"

#include "storage/base/arena.h"
#include "tools/client/account.h"
#include "tools/client/http_client.h"
#include "tools/client/json.h"
#include "tools/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ATTEMPTS_MAX = 10,      /* as the SDKs for DynamoDB */
    FIRST_ATTEMPTS_MAX = 3, /* to a place that has never answered: it may not be there */
    PAUSE_FIRST_MS = 50,
    PAUSE_LONGEST_MS = 5000,
};

struct dynamodb_client {
    struct arena arena; /* as long as the client */
    struct http_client *http;
    struct account account;
    const char *url;
    int attempts_max;
    long timeout_ms;
    bool has_answered;
    unsigned random; /* for the pauses */
};

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static const char *given_endpoint(const char *endpoint)
{
    endpoint = endpoint != NULL ? endpoint : environment("AWS_ENDPOINT_URL_DYNAMODB");
    endpoint = endpoint != NULL ? endpoint : environment("AWS_ENDPOINT_URL");
    return endpoint != NULL && strcmp(endpoint, "aws") == 0 ? NULL : endpoint;
}

static const char *url_of(struct dynamodb_client *client, const char *endpoint)
{
    if (endpoint != NULL) {
        return bytes_to_text(&client->arena, bytes_of_text(endpoint));
    }
    const char *region = client->account.region;
    struct buffer url;
    buffer_init(&url, &client->arena, 64);
    buffer_append_format(&url, "https://dynamodb.%s.amazonaws.com%s", region,
                         strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
    buffer_append_u8(&url, 0);
    return (const char *)buffer_view(&url).data;
}

bool dynamodb_client_open(const struct dynamodb_client_options *options,
                          struct dynamodb_client **out_client,
                          char *out_reason,
                          size_t reason_size)
{
    char user_agent[128];
    const char *endpoint = given_endpoint(options->endpoint);
    struct dynamodb_client *client = calloc(1, sizeof *client);
    (void)snprintf(user_agent, sizeof user_agent, "%s/%s", options->program, REHEARSEDB_VERSION);
    if (client == NULL || (client->http = http_client_open(user_agent)) == NULL) {
        (void)snprintf(out_reason, reason_size, "out of memory");
        free(client);
        return false;
    }
    arena_init(&client->arena);
    client->random = (unsigned)process_now_ms();
    client->attempts_max = options->attempts_max > 0 ? options->attempts_max : ATTEMPTS_MAX;
    client->timeout_ms = options->timeout_ms;
    if (!account_find(&client->arena, options->region, endpoint == NULL, &client->account,
                      out_reason, reason_size)) {
        dynamodb_client_close(client);
        return false;
    }
    client->url = url_of(client, endpoint);
    *out_client = client;
    return true;
}

void dynamodb_client_close(struct dynamodb_client *client)
{
    http_client_close(client->http);
    arena_deinit(&client->arena);
    free(client);
}

const char *dynamodb_client_url(const struct dynamodb_client *client)
{
    return client->url;
}

/* ---- one call ---- */

/* What follows the last '#' of __type. */
static const char *short_type(const char *type)
{
    const char *hash = strrchr(type, '#');
    return hash != NULL ? hash + 1 : type;
}

static void read_answer(const struct http_answer *answer, struct dynamodb_reply *reply)
{
    reply->status = answer->status;
    reply->body = answer->body;
    reply->json = answer->status != 0 ? json_parse(answer->body) : NULL;
    reply->error = NULL;
    reply->message = NULL;
    if (answer->status == 0) {
        reply->error = "no answer";
        reply->message = answer->reason;
        return;
    }
    if (answer->status == 200 && reply->json != NULL) {
        return;
    }
    const char *message = json_text(json_member(reply->json, "message"), NULL);
    reply->error = short_type(json_text(json_member(reply->json, "__type"), "no DynamoDB"));
    reply->message = message != NULL ? message : json_text(json_member(reply->json, "Message"), "");
}

static bool may_pass(const struct dynamodb_reply *reply)
{
    static const char *const errors[] = { "ThrottlingException",
                                          "ProvisionedThroughputExceededException",
                                          "RequestLimitExceeded",
                                          "TransactionInProgressException" };
    bool may = reply->status == 0 || reply->status >= 500;
    for (size_t i = 0; !may && reply->error != NULL && i < sizeof errors / sizeof *errors; i++) {
        may = strcmp(reply->error, errors[i]) == 0;
    }
    return may;
}

static unsigned next_random(struct dynamodb_client *client)
{
    client->random = client->random * 1103515245u + 12345u;
    return client->random >> 16;
}

/* Full jitter, as the SDKs have it: anything up to a bound that doubles. */
static void pause_before(struct dynamodb_client *client, int attempt)
{
    int64_t bound_ms = PAUSE_FIRST_MS;
    for (int i = 1; i < attempt && bound_ms < PAUSE_LONGEST_MS; i++) {
        bound_ms *= 2;
    }
    bound_ms = bound_ms < PAUSE_LONGEST_MS ? bound_ms : PAUSE_LONGEST_MS;
    process_sleep_ms(1 + next_random(client) % bound_ms);
}

bool dynamodb_client_call(struct dynamodb_client *client,
                          struct arena *arena,
                          const char *operation,
                          struct bytes body,
                          struct dynamodb_reply *out_reply)
{
    char target[128];
    (void)snprintf(target, sizeof target, "X-Amz-Target: DynamoDB_20120810.%s", operation);
    const char *const headers[] = { "Content-Type: application/x-amz-json-1.0", target, NULL };
    const struct account *account = &client->account;
    struct http_signer signer = { account->access_key_id, account->secret_access_key,
                                  account->session_token, account->region, "dynamodb" };
    struct http_call call = { .method = "POST",
                              .url = client->url,
                              .body = body,
                              .headers = headers,
                              .signer = &signer,
                              .timeout_ms = client->timeout_ms };
    *out_reply = (struct dynamodb_reply){ .status = 0 };
    do {
        if (out_reply->attempts > 0) {
            pause_before(client, out_reply->attempts);
            dynamodb_reply_free(out_reply);
        }
        struct http_answer answer = http_client_call(client->http, arena, &call);
        read_answer(&answer, out_reply);
        out_reply->attempts++;
        client->has_answered = client->has_answered || answer.status != 0;
    } while (may_pass(out_reply) && !process_interrupted() &&
             out_reply->attempts < client->attempts_max &&
             (client->has_answered || out_reply->attempts < FIRST_ATTEMPTS_MAX));
    return out_reply->error == NULL;
}

void dynamodb_reply_free(struct dynamodb_reply *reply)
{
    json_free(reply->json);
    reply->json = NULL;
}

bool dynamodb_reply_is_answer(const struct dynamodb_reply *reply)
{
    return reply->status != 0 &&
           (reply->error == NULL || json_member(reply->json, "__type") != NULL);
}
