#include "api/template/pattern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    PATTERN_LENGTH_MAX = 4096,
    NESTING_MAX = 50,
    STEPS_MAX = 1000000,
    DEPTH_MAX = 10000,
    HEAP_KIB_MAX = 8192,
};

static enum pattern_result match_code(const pcre2_code *code, const char *text)
{
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    pcre2_match_data *found = pcre2_match_data_create(1, NULL);
    int result = PCRE2_ERROR_NOMEMORY;
    if (limits != NULL && found != NULL) {
        (void)pcre2_set_match_limit(limits, STEPS_MAX);
        (void)pcre2_set_depth_limit(limits, DEPTH_MAX);
        (void)pcre2_set_heap_limit(limits, HEAP_KIB_MAX);
        result = pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, found, limits);
    }
    pcre2_match_data_free(found);
    pcre2_match_context_free(limits);
    if (result == PCRE2_ERROR_NOMATCH) {
        return PATTERN_MATCHES_NOT;
    }
    return result >= 0 ? PATTERN_MATCHES : PATTERN_BROKEN;
}

enum pattern_result pattern_match(const char *pattern, const char *text)
{
    pcre2_compile_context *limits = pcre2_compile_context_create(NULL);
    if (limits == NULL) {
        abort(); /* out of memory */
    }
    (void)pcre2_set_max_pattern_length(limits, PATTERN_LENGTH_MAX);
    (void)pcre2_set_parens_nest_limit(limits, NESTING_MAX);
    int fault = 0;
    PCRE2_SIZE place = 0;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                      PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
                      &fault, &place, limits);
    pcre2_compile_context_free(limits);
    if (code == NULL) {
        return PATTERN_BROKEN;
    }
    enum pattern_result result = match_code(code, text);
    pcre2_code_free(code);
    return result;
}
