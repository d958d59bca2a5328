/*
 * One fast pass over a JSON text before the parser sees it, for what the parser would let pass:
 * ill-formed UTF-8, raw control characters, unknown or broken escapes, lone surrogates, numbers
 * like 01 or 1. The grammar around strings and numbers is the parser's.
 *
 * Pure functions.
 */

#ifndef REHEARSEDB_API_JSON_SCAN_H
#define REHEARSEDB_API_JSON_SCAN_H

#include "storage/base/bytes.h"

struct arena;

/* False when the text cannot be JSON; else whether some string holds the escape \u0000. */
bool json_scan(struct bytes text, bool *out_has_zero);

/* The same text with every escape \u0000 as the bytes C0 80. `text` passed json_scan. */
struct bytes json_scan_hide_zeros(struct arena *arena, struct bytes text);

/* Whether the text is well-formed UTF-8; it need not be JSON. */
bool json_scan_is_utf8(struct bytes text);

#endif
