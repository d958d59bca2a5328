#include "tools/command.h"

#include "tools/exit_code.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DECIMAL_DIGITS_MAX = 15 };

static void complain(const struct command *command, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void complain(const struct command *command, const char *format, va_list arguments)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "rehearse %s: ", command->name);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
}

int command_fail(const struct command *command, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain(command, format, arguments);
    va_end(arguments);
    return code;
}

int command_fail_call(const struct command *command,
                      const struct dynamodb_client *client,
                      const char *operation,
                      const struct dynamodb_reply *reply)
{
    const char *url = dynamodb_client_url(client);
    if (reply->status == 0) {
        return command_fail(command, CODE_UNREACHABLE, "cannot reach %s: %s", url, reply->message);
    }
    if (!dynamodb_reply_is_answer(reply)) {
        return command_fail(command, CODE_UNREACHABLE,
                            "what answers at %s does not speak DynamoDB (HTTP status %d)", url,
                            reply->status);
    }
    return command_fail(command, CODE_UNREACHABLE, "%s at %s: %s: %s", operation, url, reply->error,
                        reply->message);
}

/* ---- options ---- */

static bool read_number(const char *text, const struct command_option *option)
{
    assert(option->number != NULL);
    char *end = NULL;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < option->least ||
        number > option->most) {
        return false;
    }
    *option->number = number;
    return true;
}

/* No sign, exponent, infinity or hexadecimals; as many digits as a double tells apart. */
static bool read_decimal(const char *text, double *out_number)
{
    static const char digits[] = "0123456789";
    size_t whole = strspn(text, digits);
    size_t fraction = text[whole] == '.' ? strspn(text + whole + 1, digits) : 0;
    size_t length = whole + fraction + (text[whole] == '.');
    if (whole == 0 || (text[whole] == '.' && fraction == 0) || text[length] != '\0' ||
        whole + fraction > DECIMAL_DIGITS_MAX) {
        return false;
    }
    *out_number = strtod(text, NULL);
    return true;
}

static const struct command_option *
find_option(const char *argument, const struct command_option *options, size_t count)
{
    size_t length = strcspn(argument, "=");
    for (size_t i = 0; i < count; i++) {
        if (strlen(options[i].name) == length && strncmp(options[i].name, argument, length) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

/* Gives the option its value; `*place` moves on when that is an argument of its own. */
static int take_option(const struct command *command,
                       const struct command_option *option,
                       int argc,
                       char **argv,
                       int *place)
{
    const char *equals = strchr(argv[*place], '=');
    if (option->flag != NULL) {
        *option->flag = true;
        return equals == NULL
                   ? CODE_FINE
                   : command_fail(command, CODE_USAGE, "%s takes no value", option->name);
    }
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (value == NULL && *place + 1 < argc) {
        *place += 1;
        value = argv[*place];
    }
    if (value == NULL || value[0] == '\0') {
        return command_fail(command, CODE_USAGE, "%s needs a value; see rehearse %s --help",
                            option->name, command->name);
    }
    if (option->text != NULL) {
        *option->text = value;
        return CODE_FINE;
    }
    if (option->texts != NULL) {
        if (option->texts->count == COMMAND_TEXT_COUNT_MAX) {
            return command_fail(command, CODE_USAGE, "%s is given too often", option->name);
        }
        option->texts->values[option->texts->count++] = value;
        return CODE_FINE;
    }
    if (option->decimal != NULL) {
        return read_decimal(value, option->decimal)
                   ? CODE_FINE
                   : command_fail(command, CODE_USAGE, "%s must be a number like 0.25, not \"%s\"",
                                  option->name, value);
    }
    return option->number != NULL && read_number(value, option)
               ? CODE_FINE
               : command_fail(command, CODE_USAGE, "%s must be %lld to %lld, not \"%s\"",
                              option->name, (long long)option->least, (long long)option->most,
                              value);
}

int command_read_options(struct command *command,
                         int argc,
                         char **argv,
                         const struct command_option *own,
                         size_t own_count)
{
    const char *output = "text";
    bool helps = false;
    const struct command_option common[] = { { .name = "--endpoint", .text = &command->endpoint },
                                             { .name = "--region", .text = &command->region },
                                             { .name = "--output", .text = &output },
                                             { .name = "--help", .flag = &helps } };
    for (int i = 1; i < argc; i++) {
        const struct command_option *option = find_option(argv[i], own, own_count);
        option =
            option != NULL ? option : find_option(argv[i], common, sizeof common / sizeof *common);
        if (option == NULL) {
            return command_fail(command, CODE_USAGE,
                                "unknown argument \"%s\"; see rehearse %s --help", argv[i],
                                command->name);
        }
        int code = take_option(command, option, argc, argv, &i);
        if (code != CODE_FINE) {
            return code;
        }
        if (helps) {
            (void)fputs(command->help, stdout);
            return COMMAND_HELPED;
        }
    }
    command->is_json = strcmp(output, "json") == 0;
    if (!command->is_json && strcmp(output, "text") != 0) {
        return command_fail(command, CODE_USAGE, "--output must be text or json, not \"%s\"",
                            output);
    }
    return CODE_FINE;
}

int command_connect(const struct command *command, struct dynamodb_client **out_client)
{
    char reason[512];
    char program[64];
    (void)snprintf(program, sizeof program, "rehearse-%s", command->name);
    struct dynamodb_client_options options = { .endpoint = command->endpoint,
                                               .region = command->region,
                                               .program = program,
                                               .attempts_max = command->attempts_max,
                                               .timeout_ms = command->timeout_ms };
    if (!dynamodb_client_open(&options, out_client, reason, sizeof reason)) {
        return command_fail(command, CODE_UNREACHABLE, "%s", reason);
    }
    return CODE_FINE;
}

bool command_shows_progress(const struct command *command)
{
    const char *kind = getenv("TERM");
    return !command->is_json && isatty(STDOUT_FILENO) == 1 && kind != NULL &&
           strcmp(kind, "dumb") != 0;
}
