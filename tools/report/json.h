/* A run's record as JSON: report.json. docs/runbooks.md names the members. */

#ifndef REHEARSEDB_TOOLS_REPORT_JSON_H
#define REHEARSEDB_TOOLS_REPORT_JSON_H

struct buffer;
struct run_record;

void report_append_json(struct buffer *to, const struct run_record *record);

#endif
