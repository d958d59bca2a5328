/*
 * The style sheet within the page: colours by name, once for light and once for dark. In pieces, as
 * compilers need not take a text of such a length; the last is NULL.
 */

#ifndef REHEARSEDB_TOOLS_REPORT_STYLE_H
#define REHEARSEDB_TOOLS_REPORT_STYLE_H

extern const char *const REPORT_STYLE[];

#endif
