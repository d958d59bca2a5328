/*
 * Texts of any origin within JSON, XML and HTML.
 *
 * Output of a step may be any bytes: what is not UTF-8 becomes U+FFFD, and in XML and HTML so do
 * the control characters that they cannot hold.
 */

#ifndef REHEARSEDB_TOOLS_REPORT_TEXT_H
#define REHEARSEDB_TOOLS_REPORT_TEXT_H

#include "storage/base/bytes.h"

#include <stdint.h>
#include <time.h>

/* A JSON string with its quotes. */
void report_append_json_string(struct buffer *to, struct bytes text);

/* "name": "text", or null for NULL. */
void report_append_json_member(struct buffer *to, const char *name, const char *text);

/* Text of an element or an attribute, in XML as in HTML. */
void report_append_xml_text(struct buffer *to, struct bytes text);

/* 2026-01-31T12:00:00Z */
void report_append_time(struct buffer *to, time_t time);

/* 1.234 */
void report_append_seconds(struct buffer *to, int64_t duration_ms);

#endif
