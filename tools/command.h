/* What the commands that ask an endpoint have in common: options, messages, the connection. */

#ifndef REHEARSEDB_TOOLS_COMMAND_H
#define REHEARSEDB_TOOLS_COMMAND_H

#include "tools/client/dynamodb_client.h"

#include <stdbool.h>
#include <stdint.h>

struct command {
    const char *name;     /* "wait" */
    const char *help;     /* the whole text of --help */
    bool is_json;         /* --output json */
    const char *endpoint; /* --endpoint, --region; NULL: not given */
    const char *region;
    int attempts_max; /* of its calls and their length, as dynamodb_client_options has them */
    long timeout_ms;
};

/* The lines of --help on the options that command_option reads. */
#define COMMAND_HELP                                                                               \
    "  --endpoint URL      where to ask: a server's address, or `aws`; without it\n"               \
    "                      AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, then AWS itself\n"         \
    "  --region REGION     of AWS, as with the AWS CLI\n"                                          \
    "  --output text|json  how to tell (text)\n"                                                   \
    "  --help              show this\n"

/* Prints "rehearse NAME: …" to stderr and returns the exit code. */
int command_fail(const struct command *command, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a call that did not go well: unreachable, or refused in DynamoDB's words. */
int command_fail_call(const struct command *command,
                      const struct dynamodb_client *client,
                      const char *operation,
                      const struct dynamodb_reply *reply);

enum { COMMAND_TEXT_COUNT_MAX = 64 };

struct command_texts {
    const char *values[COMMAND_TEXT_COUNT_MAX];
    size_t count;
};

/*
 * One of an own command's options: `--name VALUE` or `--name=VALUE` into `text`, `number` or
 * `decimal`, or, if it may be repeated, into `texts`; or `--name` alone into `flag`. The others are
 * NULL.
 */
struct command_option {
    const char *name;
    const char **text;
    struct command_texts *texts;
    int64_t *number; /* whole, from `least` to `most` */
    double *decimal; /* digits, and a fraction if there is one: 0.25 */
    bool *flag;
    int64_t least;
    int64_t most;
};

enum { COMMAND_HELPED = -1 };

/*
 * Reads a command's own options and the common ones; nothing else may be given. CODE_FINE,
 * CODE_USAGE with a message, or COMMAND_HELPED when the help was asked for and shown.
 */
int command_read_options(struct command *command,
                         int argc,
                         char **argv,
                         const struct command_option *own,
                         size_t own_count);

/* CODE_FINE, or an exit code with a message. */
int command_connect(const struct command *command, struct dynamodb_client **out_client);

/* Whether a line may move: stdout is a terminal that can, and the output is text. */
bool command_shows_progress(const struct command *command);

#endif
