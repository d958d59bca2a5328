#include "tools/plan/command_line.h"

#include "api/template/calls.h"
#include "storage/base/bytes.h"

#include <ctype.h>
#include <string.h>

/* As it is when no shell looks at it twice, else between single quotes. */
static void append_quoted(struct buffer *to, const char *text)
{
    static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   "_-.:/,@+=";
    if (text[0] != '\0' && text[strspn(text, harmless)] == '\0') {
        buffer_append_text(to, text);
        return;
    }
    buffer_append_u8(to, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            buffer_append_text(to, "'\\''");
        } else {
            buffer_append_u8(to, (uint8_t)*text);
        }
    }
    buffer_append_u8(to, '\'');
}

/* The AWS CLI's name of an operation or a member: "SSESpecification" is "sse-specification". */
static void append_cli_name(struct buffer *to, const char *name)
{
    for (size_t i = 0; name[i] != '\0'; i++) {
        bool is_upper = isupper((unsigned char)name[i]) != 0;
        bool after_lower = i > 0 && islower((unsigned char)name[i - 1]) != 0;
        bool begins_word = i > 0 && islower((unsigned char)name[i + 1]) != 0;
        if (is_upper && (after_lower || begins_word)) {
            buffer_append_u8(to, '-');
        }
        buffer_append_u8(to, (uint8_t)tolower((unsigned char)name[i]));
    }
}

static void
append_target(struct buffer *to, const struct command_target *target, const char *endpoint_option)
{
    if (target->endpoint != NULL && strcmp(target->endpoint, "aws") != 0) {
        buffer_append_format(to, " %s ", endpoint_option);
        append_quoted(to, target->endpoint);
    }
    if (target->region != NULL) {
        buffer_append_text(to, " --region ");
        append_quoted(to, target->region);
    }
}

/* The table's ARN, or a command that finds it. */
static void
append_arn(struct buffer *to, const struct call *call, const struct command_target *target)
{
    const char *arn = call->members[0].text;
    if (arn != NULL) {
        append_quoted(to, arn);
        return;
    }
    buffer_append_text(to, "\"$(aws dynamodb describe-table --table-name ");
    append_quoted(to, call->members[1].text);
    buffer_append_text(to, " --query Table.TableArn --output text");
    append_target(to, target, "--endpoint-url");
    buffer_append_text(to, ")\"");
}

void command_line_append(struct buffer *to,
                         const struct call *call,
                         const struct command_target *target)
{
    buffer_append_text(to, "aws dynamodb ");
    append_cli_name(to, call->operation);
    for (size_t i = 0; i < call->member_count; i++) {
        const struct call_member *member = &call->members[i];
        if (!call_member_is_sent(member)) {
            continue;
        }
        bool is_off = member->kind == MEMBER_BOOLEAN && strcmp(member->text, "true") != 0;
        buffer_append_text(to, is_off ? " --no-" : " --");
        append_cli_name(to, member->name);
        if (member->kind == MEMBER_BOOLEAN) {
            continue;
        }
        buffer_append_u8(to, ' ');
        if (member->kind == MEMBER_ARN) {
            append_arn(to, call, target);
        } else {
            append_quoted(to, member->text);
        }
    }
    append_target(to, target, "--endpoint-url");
}

static const char *table_of(const struct call *call)
{
    for (size_t i = 0; i < call->member_count; i++) {
        if (strcmp(call->members[i].name, "TableName") == 0) {
            return call->members[i].text;
        }
    }
    return "";
}

void command_line_append_wait(struct buffer *to,
                              const struct call *call,
                              const struct command_target *target)
{
    if (call->wait == CALL_WAIT_NONE) {
        return;
    }
    buffer_append_text(to, "rehearse wait --table ");
    append_quoted(to, table_of(call));
    if (call->wait != CALL_WAIT_TABLE) {
        buffer_append_text(to, " --index ");
        append_quoted(to, call->index);
    }
    buffer_append_text(to, call->wait == CALL_WAIT_INDEX_GONE ? " --gone" : "");
    append_target(to, target, "--endpoint");
}
