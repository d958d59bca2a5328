/*
 * A run's record as files: index.html for people, report.json for programs, junit.xml for build
 * servers.
 */

#ifndef REHEARSEDB_TOOLS_REPORT_REPORT_H
#define REHEARSEDB_TOOLS_REPORT_REPORT_H

#include "storage/base/bytes.h"

#include <stdbool.h>

struct arena;
struct run_record;

/* Creates the directory and those above it. False with errno. */
bool report_prepare(const char *directory);

/* Writes the files. False with errno. */
bool report_write(struct arena *arena, const char *directory, const struct run_record *record);

#endif
