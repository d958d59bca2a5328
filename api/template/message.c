#include "api/template/message.h"

#include "storage/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

const char *message_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    size_t size = (size_t)length + 1;
    char *text = arena_alloc(arena, size);
    va_start(arguments, format);
    (void)vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return text;
}
