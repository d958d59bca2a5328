/* Lines to stderr: time, level, what happened. For people; nothing parses them. Any thread. */

#ifndef REHEARSEDB_STORAGE_BASE_LOG_H
#define REHEARSEDB_STORAGE_BASE_LOG_H

void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
