/*
 * A whole API in a test: opened in memory (or in a directory of its own), its clock moved and its
 * background stepped by hand.
 *
 * Requests and expected values are written as JSON with single quotes, {'TableName':'T'}; a quote
 * inside a text is \u0027. Of members with the same name the last one counts and null is an absent
 * member, so that a request is varied by appending to it.
 *
 * Everything a call returns lives until the fixture is closed or api_fixture_forget. What is not as
 * expected ends the test with the request, the reply and the expectation.
 */

#ifndef REHEARSEDB_TESTS_SUPPORT_API_FIXTURE_H
#define REHEARSEDB_TESTS_SUPPORT_API_FIXTURE_H

#include "api/api.h"
#include "storage/base/arena.h"

#include <pthread.h>

struct cJSON;

/* Each its own length, so that a test that waits for the wrong one fails. */
enum {
    TABLE_CREATE_MS = 100,
    TABLE_UPDATE_MS = 200,
    TABLE_DELETE_MS = 300,
    INDEX_ALLOCATE_MS = 400,
    INDEX_BACKFILL_MS = 500,
    INDEX_DELETE_MS = 600,
    TABLE_CREATE_INDEXED_MS = 150,
    INDEX_UPDATE_MS = 250,
    BILLING_PROVISIONED_MS = 700,
    BILLING_ON_DEMAND_MS = 800,
    BILLING_RETURN_MS = 225,
    STREAM_UPDATE_MS = 900,
    TABLE_CLASS_MS = 1000,
    ENCRYPTION_MS = 1100,
    WARM_THROUGHPUT_MS = 1200,
    PROTECTION_PAUSE_MS = 1300,
    TAGS_UPDATE_MS = 1400,
    TTL_UPDATE_MS = 1500,
    TTL_PAUSE_MS = 30000,
    TTL_SWEEP_MS = 40000,
    INSIGHTS_UPDATE_MS = 1600,
    BACKUPS_ENABLE_MS = 1700,
    POLICY_UPDATE_MS = 1800,
    POLICY_PAUSE_MS = 15000,
    KINESIS_ENABLE_MS = 1900,
    KINESIS_UPDATE_MS = 2000,
    ITEM_COUNT_REFRESH_MS = 6 * 60 * 60 * 1000, /* the clock starts at a mark */
};

/* The __type of the errors that operations give. */
#define SERVICE              "com.amazonaws.dynamodb.v20120810#"
#define PROTOCOL             "com.amazon.coral.service#"
#define VALIDATION           "com.amazon.coral.validate#ValidationException"
#define NOT_FOUND            SERVICE "ResourceNotFoundException"
#define IN_USE               SERVICE "ResourceInUseException"
#define LIMIT                SERVICE "LimitExceededException"
#define NOT_MET              SERVICE "ConditionalCheckFailedException"
#define SERIALIZES           PROTOCOL "SerializationException"
#define TRANSACTION_CANCELED SERVICE "TransactionCanceledException"
#define ACCESS_DENIED        PROTOCOL "AccessDeniedException"
#define TOKEN_MISMATCH       SERVICE "IdempotentParameterMismatchException"
#define TRANSACTION_CONFLICT SERVICE "TransactionConflictException"
#define THROTTLED            "com.amazon.coral.availability#ThrottlingException"
#define FAILURE              PROTOCOL "InternalFailure"
#define SERVER_ERROR         SERVICE "InternalServerError"

/* The beginnings that many messages share. */
#define INVALID      "One or more parameter values were invalid: "
#define STILL_IN_USE "Attempt to change a resource which is still in use: "

struct api_fixture {
    struct api *api;
    struct arena arena;
    struct api_caller caller;   /* of the calls to come */
    struct api_refusal refusal; /* the same */
    char directory[64];         /* durable: where; else empty */
    enum api_wording wording;   /* of validation errors */
    bool counts_are_current;    /* what DescribeTable tells */
    bool is_instant;            /* nothing takes any time */
    bool is_isolated;           /* worlds are separate */
    bool throttles;

    /* Of the call that waits for the committer. */
    pthread_mutex_t lock;
    pthread_cond_t completed;
    bool is_complete;
};

struct api_reply {
    int status;
    struct bytes body;
    const struct cJSON *json; /* NULL when the body is empty */
    bool drops;               /* the connection would be closed instead */
};

void api_fixture_open(struct api_fixture *fixture);
void api_fixture_open_durable(struct api_fixture *fixture);
void api_fixture_open_worded(struct api_fixture *fixture, enum api_wording wording);
void api_fixture_open_isolated(struct api_fixture *fixture);
void api_fixture_open_counting(struct api_fixture *fixture); /* counts_are_current */
void api_fixture_open_throttling(struct api_fixture *fixture, bool is_durable);
void api_fixture_open_instant(struct api_fixture *fixture); /* is_instant */
void api_fixture_close(struct api_fixture *fixture);

/* For cmocka: a fixture in memory as the test's state. */
int api_fixture_set_up(void **state);
int api_fixture_set_up_throttling(void **state);
int api_fixture_tear_down(void **state);
#define API_TEST(test)                                                                             \
    cmocka_unit_test_setup_teardown(test, api_fixture_set_up, api_fixture_tear_down)

/* Closes and opens again what is durable. */
void api_fixture_reopen(struct api_fixture *fixture);

/* Frees what calls have returned. */
void api_fixture_forget(struct api_fixture *fixture);

/* Steps the background until it has nothing more to do now. */
void api_fixture_settle(struct api_fixture *fixture);

/* Moves the clock, then settles. */
void api_fixture_advance(struct api_fixture *fixture, int64_t by_ms);

/* printf into the arena; for requests with something to fill in. */
const char *api_fixture_text(struct api_fixture *fixture, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A text of `count` times the character, for limits. */
const char *api_fixture_repeat(struct api_fixture *fixture, char character, size_t count);

/* ---- calls ---- */

/* Bytes as they are: any target, any body. */
struct api_reply
api_fixture_send(struct api_fixture *fixture, const char *target, struct bytes body);

/* An operation by its name. */
struct api_reply call(struct api_fixture *fixture, const char *operation, const char *request);

/* A path of the control surface, "?query" perhaps behind it. NULL body: none. */
struct api_reply
control(struct api_fixture *fixture, const char *method, const char *path, const char *request);

/* ---- calls with an expectation ---- */

/* Status 200; gives the reply. */
const struct cJSON *
assert_accepted(struct api_fixture *fixture, const char *operation, const char *request);

/* Status 400, exactly this __type and message; a NULL message: the body has none. */
void assert_refused(struct api_fixture *fixture,
                    const char *operation,
                    const char *request,
                    const char *type,
                    const char *message);

/* Status 500: what the service reports as its own failure. */
void assert_failed(struct api_fixture *fixture,
                   const char *operation,
                   const char *request,
                   const char *type,
                   const char *message);

/* The reply to an accepted call is this JSON, members in any order. */
void assert_answer(struct api_fixture *fixture,
                   const char *operation,
                   const char *request,
                   const char *expected);

/* ---- looking into replies ---- */

/* The node at a path of names and positions, "Table.GlobalSecondaryIndexes.0"; NULL: none. */
const struct cJSON *json_at(const struct cJSON *json, const char *path);

/* The node at the path is this JSON; a NULL expectation: there is none. */
void assert_member_is(struct api_fixture *fixture,
                      const struct cJSON *json,
                      const char *path,
                      const char *expected);

/* The texts of a scalar attribute of each of the reply's Items, "1 2 3"; "-" where it is absent. */
const char *column(struct api_fixture *fixture, const struct cJSON *reply, const char *attribute);

/* ---- what most tests begin with ---- */

/* CreateTable, then the time until it is ACTIVE. */
void create_table(struct api_fixture *fixture, const char *request);

/* PutItem of each into the table; the last is NULL. */
void put_items(struct api_fixture *fixture, const char *table_name, const char *const *items);

#endif
