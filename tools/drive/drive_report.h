/* What a drive has found, as text or JSON on stdout. */

#ifndef REHEARSEDB_TOOLS_DRIVE_DRIVE_REPORT_H
#define REHEARSEDB_TOOLS_DRIVE_DRIVE_REPORT_H

#include "tools/drive/verification.h"

/* Whether nothing was lost, stale, unexpected or refused (with a code that is not allowed). */
bool drive_report_is_fine(const struct drive *drive);

void drive_report_print_text(const struct drive *drive, const struct verification *verification);
void drive_report_print_json(const struct drive *drive, const struct verification *verification);

#endif
