/*
 * The settings of a table and of its global indexes, from each source's own members.
 *
 * All memory is the arena's.
 */

#ifndef REHEARSEDB_API_TEMPLATE_SETTINGS_READ_H
#define REHEARSEDB_API_TEMPLATE_SETTINGS_READ_H

struct arena;
struct index_definition;
struct node;
struct table_definition;

/* `description` is the answer's Table; `document` may hold other answers beside it. */
void settings_read_deployed(struct arena *arena,
                            const struct node *document,
                            const struct node *description,
                            struct table_definition *out_table);

/* What ListContributorInsights tells, where its answer is in the document; after the indexes. */
void settings_read_insights(const struct node *document, struct table_definition *table);

/* Of an input of CreateTable or a template's AWS::DynamoDB::Table (`out_table->source`). */
void settings_read_wanted(struct arena *arena,
                          const struct node *input,
                          struct table_definition *out_table);

/* Of a template's AWS::DynamoDB::GlobalTable, with those of its first replica. */
void settings_read_global(struct arena *arena,
                          const struct node *properties,
                          struct table_definition *out_table);

/* Of one index, after the table's. `replica_index` is the same index in a replica, or NULL. */
void settings_read_index(struct arena *arena,
                         const struct table_definition *table,
                         const struct node *index,
                         const struct node *replica_index,
                         struct index_definition *out_index);

#endif
