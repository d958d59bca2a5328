/*
 * A run's record as one page for people: index.html. It asks nobody for anything (no script, no
 * style sheet, no picture from elsewhere), follows dark and light, and can be printed.
 */

#ifndef REHEARSEDB_TOOLS_REPORT_HTML_H
#define REHEARSEDB_TOOLS_REPORT_HTML_H

struct buffer;
struct run_record;

void report_append_html(struct buffer *to, const struct run_record *record);

#endif
