/*
 * Resource-based policies as text: the checks that the service makes of one, and the form in which
 * it keeps them, by which two documents are the same (white space, the order of members, a list of
 * one, an account for its root user).
 *
 * What a policy allows or denies is not enforced here.
 */

#ifndef REHEARSEDB_API_TABLES_POLICY_DOCUMENT_H
#define REHEARSEDB_API_TABLES_POLICY_DOCUMENT_H

#include "api/request.h"

/* The document as it is kept, in the arena. False after api_fail. */
bool policy_of_text(struct request *request, struct bytes text, struct bytes *out_document);

/* A kept document as it is read: one without a version is told to have the oldest. */
struct bytes policy_to_reader(struct arena *arena, struct bytes document);

/*
 * Whether the document denies everyone, without a condition, what would be needed to change it. Who
 * is denied by name, or under a condition, is not found out.
 */
bool policy_locks_out(struct arena *arena, struct bytes document);

#endif
