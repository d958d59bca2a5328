/*
 * A table's full export to S3 as it lies on disk, for the writer: AWSDynamoDB/<id>/ with its two
 * manifests and data/<name>.json.gz. All files are checked by their checksums before the first item
 * is handed out.
 */

#ifndef REHEARSEDB_TOOLS_LOAD_EXPORT_SOURCE_H
#define REHEARSEDB_TOOLS_LOAD_EXPORT_SOURCE_H

#include "tools/load/export_manifest.h"
#include "tools/load/writer.h"
#include "tools/table/table_shape.h"

#include <pthread.h>

struct gzip_lines;

struct export_source {
    const struct command *command; /* for messages */
    const struct index_shape *keys;
    const char *folder; /* the one with the manifests */
    struct export_summary summary;
    struct export_files files;
    pthread_mutex_t lock; /* of what follows */
    int code;             /* of the first failure */
    size_t file;          /* the one that is read */
    struct gzip_lines *lines;
    uint64_t lines_read; /* of the file */
};

/*
 * `directory` is the folder with the manifests, or has it below: <id>/, AWSDynamoDB/<id>/. Checks
 * everything but the items, of which it looks at the first. CODE_FINE, or an exit code with a
 * message.
 */
int export_source_open(struct export_source *source,
                       const struct command *command,
                       struct arena *arena,
                       const char *directory,
                       const struct index_shape *keys);
void export_source_close(struct export_source *source);

/* `source` must outlive it. */
struct item_source export_source_items(struct export_source *source);

#endif
