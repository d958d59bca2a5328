/*
 * Stream, encryption and class of a table as CreateTable and UpdateTable take them: shapes as data,
 * and the checks that need no table. Functions return false after api_fail.
 */

#ifndef REHEARSEDB_API_TABLES_SETTINGS_INPUT_H
#define REHEARSEDB_API_TABLES_SETTINGS_INPUT_H

#include "api/request.h"
#include "api/shape.h"

extern const struct shape SHAPE_STREAM_SPECIFICATION;
extern const struct shape SHAPE_SSE_SPECIFICATION;

struct stream_input {
    bool is_enabled;
    enum stream_view view;
};

/* The texts differ between the two operations. */
bool stream_of_json(struct request *request,
                    const struct cJSON *node,
                    bool is_new_table,
                    struct stream_input *out_stream);

/* "NEW_IMAGE", … */
const char *stream_view_name(enum stream_view view);

struct encryption_input {
    bool is_enabled;
    struct bytes key_arn; /* that the key given stands for, or the one AWS manages */
    bool is_key_arn;      /* it was given as one, not as an id or an alias */
};

/*
 * There is no key management here: any key is usable, and an id or alias stands for an ARN that is
 * made from it.
 */
bool encryption_of_json(struct request *request,
                        const struct cJSON *node,
                        struct encryption_input *out_encryption);

/* TableClass of the request; TABLE_CLASS_UNSET: absent. */
bool table_class_of_request(struct request *request, enum table_class *out_class);

/* "STANDARD", "STANDARD_INFREQUENT_ACCESS" */
const char *table_class_name(enum table_class table_class);

#endif
