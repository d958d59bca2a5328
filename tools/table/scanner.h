/*
 * Reads a table or index, whole or some segments of it, page by page, over several segments at once
 * by threads with a client each, at a bounded rate.
 *
 * Where each segment stands is in the caller's hands: a scan can be stopped and gone on with.
 */

#ifndef REHEARSEDB_TOOLS_TABLE_SCANNER_H
#define REHEARSEDB_TOOLS_TABLE_SCANNER_H

#include "tools/command.h"
#include "tools/table/table_shape.h"

struct cJSON;

enum { SEGMENTS_MAX = 64 };

struct segment {
    bool is_done;
    char *start_key; /* ExclusiveStartKey as JSON, malloc; NULL: from the beginning */
};

struct scan_options {
    const struct command *command; /* for messages and the connection */
    const char *table;
    const char *index;             /* NULL: the table */
    const char *const *attributes; /* asked for; NULL: all there are */
    size_t attribute_count;
    bool is_consistent; /* tables only */
    int64_t read_units; /* a second, of DynamoDB's; 0: as fast as it goes */
    size_t segment_count;
    struct segment *segments;
    const uint64_t *numbers; /* of each segment among `segments_total`; NULL: they are all */
    uint64_t segments_total; /* with `numbers` */
    size_t worker_count;     /* at once, up to SEGMENTS_MAX; 0: one for each segment */
    double *units_read;      /* what DynamoDB says the scan consumed is added; NULL: nobody asks */
};

/*
 * A page of items of segments[segment]; called under a lock, in any order of segments, once its
 * segment stands behind the page. False stops the scan.
 */
typedef bool scan_page(void *context, size_t segment, const struct cJSON *items);

/* CODE_FINE (also when the page function has stopped it), or an exit code with a message. */
int scan_run(const struct scan_options *options, scan_page *page, void *context);

/* Frees what the segments hold. */
void segments_free(struct segment *segments, size_t count);

#endif
