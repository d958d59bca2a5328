#include "api/expression/messages.h"

#include "storage/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 2, 0))) static struct bytes
format_text(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    (void)vsnprintf(text, (size_t)length + 1, format, arguments);
    return (struct bytes){ .data = (const uint8_t *)text, .length = (size_t)length };
}

bool messages_fail(struct expression_context *context, const char *format, ...)
{
    if (context->message.data != NULL) {
        return false;
    }
    va_list arguments;
    va_start(arguments, format);
    struct bytes text = format_text(context->arena, format, arguments);
    va_end(arguments);
    return messages_refuse(context, "Invalid %s: %.*s", expression_kind_name(context->kind),
                           BYTES_ARGUMENTS(text));
}

bool messages_refuse(struct expression_context *context, const char *format, ...)
{
    if (context->message.data != NULL) {
        return false;
    }
    va_list arguments;
    va_start(arguments, format);
    context->message = format_text(context->arena, format, arguments);
    va_end(arguments);
    return false;
}
