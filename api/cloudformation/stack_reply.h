/*
 * What the reading operations share: a stack found, or its absence told, and the parts of a stack
 * that several replies show.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_STACK_REPLY_H
#define REHEARSEDB_API_CLOUDFORMATION_STACK_REPLY_H

#include "api/cloudformation/cloudformation_request.h"
#include "api/cloudformation/stack_store.h"

enum { STACK_REPLY_PAGE = 100 };

/* How an operation words that there is no such stack; they differ. */
enum stack_absence {
    STACK_WITH_ID_IS_ABSENT, /* "Stack with id NAME does not exist" */
    STACK_IS_ABSENT,         /* "Stack [NAME] does not exist" */
};

/* The stack that StackName, a name or ARN, names. NULL: the request or the transaction has failed.
 */
struct stack *
stack_reply_find(struct service_request *request, struct txn *txn, enum stack_absence absence);

/* Ends the transaction; false: the request has failed because the store has. */
bool stack_reply_end(struct service_request *request, struct txn *txn);

/* A member that is left out where the text is empty. */
void stack_reply_text(struct document_writer *reply, const char *name, const char *text);

void stack_reply_texts(struct document_writer *reply,
                       const char *name,
                       const struct text_list *texts);
void stack_reply_parameters(struct document_writer *reply, const struct stack_content *content);
void stack_reply_tags(struct document_writer *reply, const struct stack_content *content);

/* DriftInformation, which says that nobody has looked. */
void stack_reply_drift(struct document_writer *reply, const char *status_name);

/* NextToken, a number; false: it is none, and the request has failed. Absent: 0. */
bool stack_reply_token(struct service_request *request, uint64_t *out_number);
void stack_reply_next_token(struct document_writer *reply, uint64_t number);

#endif
