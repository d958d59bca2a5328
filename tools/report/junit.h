/* A run's record as JUnit's XML, for build servers: junit.xml, a test case for each step. */

#ifndef REHEARSEDB_TOOLS_REPORT_JUNIT_H
#define REHEARSEDB_TOOLS_REPORT_JUNIT_H

struct buffer;
struct run_record;

void report_append_junit(struct buffer *to, const struct run_record *record);

#endif
