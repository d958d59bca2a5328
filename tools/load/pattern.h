/*
 * Texts with a pattern: "order-{number:8}-{uuid}". Read once, written for every item; the parts
 * live in the arena. In braces:
 *
 *   {number}        the number of the item: 0, 1, 2, …; {number:8} with zeros in front
 *   {1-500}         a whole number of the range; {001-500} with zeros in front
 *   {uuid}          a UUID (version 4)
 *   {hex:16}        so many random hexadecimal digits
 *   {letters:12}    so many random letters, a to z
 *   {{ and }}       the braces themselves
 */

#ifndef REHEARSEDB_TOOLS_LOAD_PATTERN_H
#define REHEARSEDB_TOOLS_LOAD_PATTERN_H

#include "storage/base/bytes.h"
#include "tools/load/random_stream.h"

enum pattern_part_kind { PART_TEXT, PART_NUMBER, PART_RANGE, PART_UUID, PART_HEX, PART_LETTERS };

struct pattern_part {
    enum pattern_part_kind kind;
    struct bytes text; /* TEXT: as it stands in JSON */
    int64_t least;     /* RANGE */
    int64_t most;
    int width; /* NUMBER, RANGE: digits at the least; HEX, LETTERS: how many */
};

struct pattern {
    struct pattern_part *parts;
    size_t count;
};

/* False: `out_reason` says what is wrong with it. */
bool pattern_read(struct arena *arena,
                  const char *text,
                  struct pattern *out_pattern,
                  char *out_reason,
                  size_t reason_size);

/* Without quotes, ready for JSON. */
void pattern_append(struct buffer *to,
                    const struct pattern *pattern,
                    struct random_stream *random,
                    uint64_t number);

/* So many random letters. */
void pattern_append_letters(struct buffer *to, struct random_stream *random, int64_t count);

#endif
