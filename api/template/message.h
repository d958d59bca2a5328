/* Texts of messages in an arena. */

#ifndef REHEARSEDB_API_TEMPLATE_MESSAGE_H
#define REHEARSEDB_API_TEMPLATE_MESSAGE_H

struct arena;

/* As printf writes it; lives as long as the arena. */
const char *message_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
