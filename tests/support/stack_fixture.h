/*
 * CloudFormation's stacks in tests, on top of api_fixture.h: operations called, what they began
 * carried to its end under the clock moved by hand, and the story that the events tell.
 */

#ifndef REHEARSEDB_TESTS_SUPPORT_STACK_FIXTURE_H
#define REHEARSEDB_TESTS_SUPPORT_STACK_FIXTURE_H

#include "api/cloudformation/stack.h"
#include "tests/support/api_fixture.h"

/* An operation by its name; the request is JSON with single quotes. */
struct api_reply
stack_call(struct api_fixture *fixture, const char *operation, const char *request);

/* The same with `template`, JSON in single quotes too, as TemplateBody; `rest` is more members. */
struct api_reply stack_submit(struct api_fixture *fixture,
                              const char *operation,
                              const char *rest,
                              const char *template);

/* Status 200. */
void assert_begun(struct api_reply reply);

/* Status, error and message. */
void assert_stack_refused(struct api_fixture *fixture,
                          struct api_reply reply,
                          const char *type,
                          const char *message);

/* As it is in the store; NULL: there is none of that name or ARN. */
struct stack *stack_of(struct api_fixture *fixture, const char *name);

/* Moves the clock until the stack is no longer busy; its status then. */
const char *stack_finish(struct api_fixture *fixture, const char *name);

/* A submission that is accepted, and carried to its end. */
const char *stack_deploy(struct api_fixture *fixture,
                         const char *operation,
                         const char *rest,
                         const char *template);

/*
 * The events after number `after`, oldest first, a line each: "LOGICALID STATUS reason". UUIDs are
 * written UUID. Fails unless their times grow strictly.
 */
const char *stack_story(struct api_fixture *fixture, const char *name, uint64_t after);

/* Fails with both when the story is another. */
void assert_story(struct api_fixture *fixture,
                  const char *name,
                  uint64_t after,
                  const char *expected);

/* The physical id of a resource; "": none. */
const char *
stack_physical_id(struct api_fixture *fixture, const char *name, const char *logical_id);

#endif
