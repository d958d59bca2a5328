/*
 * The two manifests of a table's full export to S3, read from their texts. Everything is in the
 * arena.
 *
 * manifest-summary.json is one object, manifest-files.json an object a line: developer guide,
 * "DynamoDB table export output format".
 */

#ifndef REHEARSEDB_TOOLS_LOAD_EXPORT_MANIFEST_H
#define REHEARSEDB_TOOLS_LOAD_EXPORT_MANIFEST_H

#include "storage/base/bytes.h"

struct export_summary {
    uint64_t item_count;
};

struct export_file {
    const char *name; /* in the folder data: the last part of dataFileS3Key */
    uint64_t item_count;
    const char *md5_checksum; /* base64 */
    const char *etag;         /* of S3; NULL: none */
};

struct export_files {
    struct export_file *list;
    size_t count;
    uint64_t item_count; /* of all */
};

/* False: `out_reason` says what is wrong, also with an export that is incremental or in ION. */
bool export_summary_read(struct bytes text,
                         struct export_summary *out_summary,
                         char *out_reason,
                         size_t reason_size);

bool export_files_read(struct arena *arena,
                       struct bytes text,
                       struct export_files *out_files,
                       char *out_reason,
                       size_t reason_size);

/*
 * Whether a file with this MD5 is the one meant: by md5Checksum, and by the ETag, which is the MD5
 * in hexadecimal, or "X-1" with the MD5 of that MD5 when it was uploaded in one part. The ETag of
 * several parts depends on their sizes, which the manifest does not tell: it is passed over.
 */
bool export_file_is(const struct export_file *file, const uint8_t md5[16]);

#endif
