/*
 * Single members of a template, checked: shares, numbers, ranges, times. What is wrong is told with
 * the path to it. A part of template.c; one reader for one reading.
 */

#ifndef REHEARSEDB_TOOLS_LOAD_TEMPLATE_MEMBERS_H
#define REHEARSEDB_TOOLS_LOAD_TEMPLATE_MEMBERS_H

#include "tools/load/template.h"

struct template_reader {
    struct arena *arena;
    char *reason; /* the caller's */
    size_t size;
    char path[256]; /* "Attributes.home"; cut when longer */
    size_t depth;   /* of values in values */
};

/* Both say what is wrong at the reader's path, or at a member there, and return false. */
bool template_fail(struct template_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool template_fail_at(struct template_reader *reader, const char *member, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Goes into a member; gives what template_leave needs to come back. */
size_t template_enter(struct template_reader *reader, const char *member);
void template_leave(struct template_reader *reader, size_t length);

/* Whether all members are among the names, and each is there once. */
bool template_check_names(struct template_reader *reader,
                          const struct cJSON *object,
                          const char *const *names,
                          size_t count);
bool template_check_no_repeats(struct template_reader *reader, const struct cJSON *object);

/* A member that may be absent: then the number stays what it is. */
bool template_read_number(struct template_reader *reader,
                          const struct cJSON *object,
                          const char *member,
                          double *number);

/* The same for 0 to 1. */
bool template_read_share(struct template_reader *reader,
                         const struct cJSON *object,
                         const char *member,
                         double *share);

/* A whole number that JSON holds exactly; must be there. */
bool template_read_whole(struct template_reader *reader,
                         const struct cJSON *object,
                         const char *member,
                         int64_t *out_number);

/* [least, most], or one number for both, into `least` and `most` of the rule. */
bool template_read_span(struct template_reader *reader,
                        const struct cJSON *object,
                        const char *member,
                        int64_t least,
                        int64_t most,
                        struct value_rule *rule);

/* From, To, Decimals, Distribution. */
bool template_read_number_range(struct template_reader *reader,
                                const struct cJSON *object,
                                struct value_rule *rule);

/* Timestamp, From, To, Distribution. */
bool template_read_times(struct template_reader *reader,
                         const struct cJSON *object,
                         struct value_rule *rule);

#endif
