/*
 * A run's record as files: report.json, and junit.xml for build servers.
 *
 * Output of a step may be any bytes: what is not UTF-8 becomes U+FFFD, and in XML so do the control
 * characters that XML cannot hold.
 */

#ifndef REHEARSEDB_TOOLS_REPORT_H
#define REHEARSEDB_TOOLS_REPORT_H

#include "storage/base/bytes.h"
#include "tools/record.h"

#include <stdbool.h>

struct arena;

/* Creates the directory and those above it. False with errno. */
bool report_prepare(const char *directory);

/* Writes both files. False with errno. */
bool report_write(struct arena *arena, const char *directory, const struct run_record *record);

void report_append_json(struct buffer *to, const struct run_record *record);
void report_append_junit(struct buffer *to, const struct run_record *record);

/* A JSON string with its quotes; text of an XML element or attribute. */
void report_append_json_string(struct buffer *to, struct bytes text);
void report_append_xml_text(struct buffer *to, struct bytes text);

#endif
