/*
 * Regular expressions that templates bring along (AllowedPattern): the only owner of PCRE2.
 *
 * The service's are Java's; PCRE2's grammar is the same but for rare corners. Both the pattern and
 * the text are a client's, so compiling and matching are bounded in size, depth and steps.
 */

#ifndef REHEARSEDB_API_TEMPLATE_PATTERN_H
#define REHEARSEDB_API_TEMPLATE_PATTERN_H

#include <stdbool.h>

enum pattern_result {
    PATTERN_MATCHES,
    PATTERN_MATCHES_NOT,
    PATTERN_BROKEN, /* it is no regular expression, or one that takes too much */
};

/* Whether the whole text matches the pattern. */
enum pattern_result pattern_match(const char *pattern, const char *text);

#endif
