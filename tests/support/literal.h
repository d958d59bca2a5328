/*
 * Attribute values written as text, so that tests can be tables of input and expected output.
 *
 *   'text'  -12.5  x'00ff'  true  false  null      S, N, B, BOOL, NULL
 *   <'a', 'b'>  <1, 2>  <x'00', x'01'>             SS, NS, BS; written in any order
 *   [1, 'a', [true]]                               L
 *   {name: 1, #x: 'a', 'two words': null}          M; written in any order
 *
 * Numbers are taken as they are and must be canonical. Mistakes in a literal end the test program.
 */

#ifndef REHEARSEDB_TESTS_SUPPORT_LITERAL_H
#define REHEARSEDB_TESTS_SUPPORT_LITERAL_H

#include "storage/value/attribute_value.h"

struct arena;

struct attribute_value literal_value(struct arena *arena, const char *text);

/* An encoded item from a map literal; no data for NULL. */
struct bytes literal_item(struct arena *arena, const char *text);

/* Back to text, maps in ascending order of name: for comparing results. */
const char *literal_of_item(struct arena *arena, struct bytes item);

#endif
