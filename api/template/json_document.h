/*
 * A JSON document as a tree of nodes, and texts of JSON.
 *
 * Not read with cJSON, although both programs have it: its hooks are set once for a whole process,
 * where the server's draw from an arena bound to a thread (api/json.h) and the tools' from malloc,
 * and it says neither line nor column of what is wrong, which CloudFormation does. A number stays
 * the text that was written.
 *
 * Texts end at a zero byte: one inside a string ("\u0000") is the two bytes C0 80 in the tree,
 * which well-formed UTF-8 never has. Of members with the same name all are kept, and the first is
 * found.
 */

#ifndef REHEARSEDB_API_TEMPLATE_JSON_DOCUMENT_H
#define REHEARSEDB_API_TEMPLATE_JSON_DOCUMENT_H

#include "storage/base/bytes.h"

struct arena;
struct document_error;
struct node;

/* One value with white space around it, nested at most NODE_DEPTH_MAX deep. In the arena. */
bool json_document_read(struct arena *arena,
                        struct bytes text,
                        const struct node **out_tree,
                        struct document_error *out_error);

/* Whether a byte is white space of JSON. */
bool json_document_is_blank(uint8_t byte);

/* `text` between quotes, with everything escaped that JSON wants escaped. */
void json_document_append_text(struct buffer *to, const char *text);

#endif
