/*
 * A definition as the service describes it: TableDescription in replies.
 *
 * Sources: API reference "TableDescription"; what is present when, as measured on the service
 * (docs/compatibility.md).
 */

#ifndef REHEARSEDB_API_TABLES_TABLE_DESCRIPTION_H
#define REHEARSEDB_API_TABLES_TABLE_DESCRIPTION_H

#include "api/json_writer.h"
#include "storage/table/table_definition.h"

enum describe_for {
    DESCRIBE_FOR_CREATE, /* CreateTable's reply */
    DESCRIBE_FOR_UPDATE, /* UpdateTable's reply */
    DESCRIBE_FOR_DELETE, /* DeleteTable's reply: no keys, no indexes */
    DESCRIBE_FOR_READER, /* DescribeTable: everything */
};

struct description {
    const struct table_definition *table;
    enum describe_for reader;
    const char *status; /* NULL: the table's own; else what a reply tells instead */
    int64_t now_ms;
};

/* "UPDATING", …: the status as a reader sees it, index changes included. */
const char *table_status_text(const struct table_definition *table);
const char *index_status_text(const struct index_definition *index);

/* The object alone; the caller writes the key before it. */
void table_description_write(struct json_writer *writer, const struct description *description);

/* arn:aws:dynamodb:REGION:ACCOUNT:table/NAME */
void table_arn_append(struct buffer *to, const struct table_definition *table);

#endif
