/*
 * A YAML document as a tree of nodes: the only owner of libyaml.
 *
 * As CloudFormation reads it: one document; short tags are the functions they stand for (`!GetAtt
 * A.B` is {"Fn::GetAtt": ["A", "B"]}); no aliases and no merges.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */

#ifndef REHEARSEDB_API_TEMPLATE_YAML_DOCUMENT_H
#define REHEARSEDB_API_TEMPLATE_YAML_DOCUMENT_H

#include "storage/base/bytes.h"

struct arena;
struct document_error;
struct node;

bool yaml_document_read(struct arena *arena,
                        struct bytes text,
                        const struct node **out_tree,
                        struct document_error *out_error);

#endif
