/* PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: documents, revisions, waiting. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";

#define ARN       "arn:aws:dynamodb:eu-test-1:000000000000:table/Tab"
#define NO_POLICY SERVICE "PolicyNotFoundException"
#define ABSENT    "Resource-based policy not found for the provided ResourceArn: "
#define DOCUMENT  INVALID "Invalid policy document: "

static const char TARGET[] = "{'ResourceArn':'" ARN "'}";

/* A quote of a document inside JSON inside C. */
#define Q "\\\""
#define STATEMENT(action)                                                                          \
    "{" Q "Effect" Q ":" Q "Allow" Q "," Q "Principal" Q ":{" Q "AWS" Q ":" Q "111122223333" Q     \
    "}," Q "Action" Q ":" action "," Q "Resource" Q ":" Q "*" Q "}"
#define POLICY(statements)                                                                         \
    "{" Q "Version" Q ":" Q "2012-10-17" Q "," Q "Statement" Q ":[" statements "]}"
#define GET_ITEM Q "dynamodb:GetItem" Q
#define KEPT(action)                                                                               \
    "{" Q "Version" Q ":" Q "2012-10-17" Q "," Q "Statement" Q ":[{" Q "Effect" Q ":" Q "Allow" Q  \
    "," Q "Principal" Q ":{" Q "AWS" Q ":" Q "arn:aws:iam::111122223333:root" Q "}," Q "Action" Q  \
    ":" action "," Q "Resource" Q ":" Q "*" Q "}]}"

struct row {
    const char *difference; /* appended to a valid request */
    const char *type;
    const char *message;
};

static void assert_rows(struct api_fixture *fixture,
                        const char *operation,
                        const char *valid,
                        const struct row *rows,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *request = api_fixture_text(fixture, "{%s%s}", valid, rows[i].difference);
        assert_refused(fixture, operation, request, rows[i].type, rows[i].message);
    }
}

static const char *put(struct api_fixture *fixture, const char *policy, const char *more)
{
    return api_fixture_text(fixture, "{'ResourceArn':'" ARN "','Policy':'%s'%s}", policy, more);
}

static void what_is_wrong_is_told_in_order(void **state)
{
    static const struct row rows[] = {
        { ",'ResourceArn':null,'Policy':null", VALIDATION,
          "2 validation errors detected: Value null at 'resourceArn' failed to satisfy constraint: "
          "Member must not be null; Value null at 'policy' failed to satisfy constraint: Member "
          "must not be null" },
        { ",'ExpectedRevisionId':''", VALIDATION,
          "1 validation error detected: Value '' at 'expectedRevisionId' failed to satisfy "
          "constraint: Member must have length greater than or equal to 1" },
        { ",'ResourceArn':'Tab','Policy':''", VALIDATION,
          INVALID "ARNs must start with 'arn:': Tab" },
        { ",'ResourceArn':'" ARN "/index/i'", VALIDATION,
          INVALID "Invalid resource arn provided, only table or stream is accepted. Provided "
                  "resource arn: " ARN "/index/i" },
        { ",'Policy':'','ResourceArn':'" ARN "x'", VALIDATION,
          DOCUMENT "This policy contains invalid Json" },
        { ",'Policy':'[]'", VALIDATION, DOCUMENT "This policy contains invalid Json" },
        { ",'Policy':'null'", VALIDATION, DOCUMENT "This text appears not to be a policy" },
        { ",'Policy':'{}'", VALIDATION, DOCUMENT "Syntax error at position (1,3)" },
        { ",'Policy':'{" Q "Statement" Q ":[]}'", VALIDATION,
          DOCUMENT "Could not parse the policy: Statement is empty!" },
        { ",'Policy':'{" Q "Statement" Q ":[{}]}'", VALIDATION,
          DOCUMENT "Missing required field Effect" },
        { ",'Policy':'{" Q "Statement" Q ":[{" Q "Effect" Q ":" Q "Allow" Q "," Q "Principal" Q
          ":{}," Q "Action" Q ":" GET_ITEM "}]}'",
          VALIDATION, DOCUMENT "Missing required field Resource" },
        { ",'Policy':'" POLICY("{" Q "Sid" Q ":" Q "s" Q "," Q "Effect" Q ":" Q "Allow" Q "," Q
                               "Principal" Q ":" Q "*" Q "," Q "Action" Q ":" GET_ITEM "," Q
                               "Resource" Q ":" Q "*" Q "},{" Q "Sid" Q ":" Q "s" Q "," Q "Effect" Q
                               ":" Q "Deny" Q "," Q "Principal" Q ":" Q "*" Q "," Q "Action" Q
                               ":" GET_ITEM "," Q "Resource" Q ":" Q "*" Q "}") "'",
          VALIDATION, DOCUMENT "The Statement Ids in the policy are not unique" },
        { ",'Policy':'" POLICY("{" Q "Effect" Q ":" Q "allow" Q "," Q "Principal" Q ":{" Q "AWS" Q
                               ":[" Q "*" Q "]}," Q "Action" Q ":" GET_ITEM "," Q "Resource" Q ":" Q
                               "*" Q "}") "','ResourceArn':'" ARN "x'",
          VALIDATION,
          "Resource-based policy grants unbounded access in one or more elements. Please revise "
          "the policy to ensure least-privilege form of access" },
        { ",'ResourceArn':'" ARN "x'", NOT_FOUND,
          "Requested resource not found: Table: Tabx not found" },
        { ",'ResourceArn':'" ARN "/stream/2000-01-01T00:00:00.000'", NOT_FOUND,
          "Requested resource not found: Stream: 2000-01-01T00:00:00.000 not found for Table: "
          "Tab" },
    };
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_rows(fixture, "PutResourcePolicy",
                "'ResourceArn':'" ARN "','Policy':'" POLICY(STATEMENT(GET_ITEM)) "'", rows,
                sizeof rows / sizeof *rows);
    assert_rows(fixture, "DeleteResourcePolicy", "'ResourceArn':'" ARN "'", rows + 13, 2);
    assert_rows(fixture, "GetResourcePolicy", "'ResourceArn':'" ARN "'", rows + 13, 2);
}

static void twenty_kilobytes_are_the_most(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const char *blanks = api_fixture_repeat(fixture, ' ', 20480);
    assert_refused(fixture, "PutResourcePolicy",
                   put(fixture, api_fixture_text(fixture, "%s ", blanks), ""), VALIDATION,
                   INVALID "Maximum policy size of 20480 bytes exceeded");
    assert_refused(fixture, "PutResourcePolicy", put(fixture, blanks, ""), VALIDATION,
                   DOCUMENT "This policy contains invalid Json");
}

/* Each is kept as the same document, so that all but the first change nothing. */
static void a_document_is_kept_in_one_form(void **state)
{
    static const char *const SAME[] = {
        POLICY(STATEMENT(GET_ITEM)),
        POLICY(STATEMENT("[" GET_ITEM "]")),
        "{ " Q "Statement" Q " : " STATEMENT(GET_ITEM) " , " Q "Version" Q " : " Q "2012-10-17" Q
                                                       " }",
        POLICY("{" Q "Resource" Q ":[" Q "*" Q "]," Q "Action" Q ":" GET_ITEM "," Q "Principal" Q
               ":{" Q "AWS" Q ":[" Q "111122223333" Q "," Q "arn:aws:iam::111122223333:root" Q
               "]}," Q "Effect" Q ":" Q "ALLOW" Q "}"),
    };
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    for (size_t i = 0; i < sizeof SAME / sizeof *SAME; i++) {
        assert_answer(fixture, "PutResourcePolicy", put(fixture, SAME[i], ""),
                      "{'RevisionId':'1767225600150'}");
    }
    api_fixture_advance(fixture, POLICY_UPDATE_MS);
    assert_answer(fixture, "GetResourcePolicy", TARGET,
                  "{'Policy':'" KEPT(GET_ITEM) "','RevisionId':'1767225600150'}");
}

static void lists_of_more_are_kept_and_a_version_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "PutResourcePolicy",
                          put(fixture,
                              "{" Q "Statement" Q ":{" Q "Effect" Q ":" Q "Deny" Q "," Q
                              "Principal" Q ":" Q "*" Q "," Q "Action" Q ":[" Q "b" Q "," Q "a" Q
                              "]," Q "Resource" Q ":" Q "*" Q "," Q "Condition" Q ":{" Q "Bool" Q
                              ":{" Q "k" Q ":[true]}}}}",
                              ""));
    api_fixture_advance(fixture, POLICY_UPDATE_MS);
    assert_answer(fixture, "GetResourcePolicy", TARGET,
                  "{'Policy':'{" Q "Version" Q ":" Q "2008-10-17" Q "," Q "Statement" Q ":[{" Q
                  "Effect" Q ":" Q "Deny" Q "," Q "Principal" Q ":" Q "*" Q "," Q "Action" Q ":[" Q
                  "b" Q "," Q "a" Q "]," Q "Resource" Q ":" Q "*" Q "," Q "Condition" Q ":{" Q
                  "Bool" Q ":{" Q "k" Q ":true}}}]}','RevisionId':'1767225600150'}");
}

static void a_change_is_seen_when_it_is_done_and_the_next_one_waits(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const char *one = put(fixture, POLICY(STATEMENT(GET_ITEM)), "");
    const char *two = put(fixture, POLICY(STATEMENT(Q "dynamodb:Query" Q)), "");
    assert_refused(fixture, "GetResourcePolicy", TARGET, NO_POLICY, ABSENT ARN);
    (void)assert_accepted(fixture, "PutResourcePolicy", one);
    assert_refused(fixture, "GetResourcePolicy", TARGET, NO_POLICY, ABSENT ARN);
    assert_refused(fixture, "PutResourcePolicy", two, IN_USE,
                   STILL_IN_USE "Table is pending previous resource-based policy update: Tab");
    assert_refused(fixture, "DeleteResourcePolicy", TARGET, IN_USE,
                   STILL_IN_USE "Table is pending previous resource-based policy update: Tab");
    assert_refused(fixture, "DeleteTable", "{'TableName':'Tab'}", IN_USE,
                   STILL_IN_USE "Table: Tab has a pending resource-based policy update.");
    api_fixture_advance(fixture, POLICY_UPDATE_MS);
    static const char WAIT[] =
        "Resource-based policy for table Tab modified within the previous 15000 milliseconds. "
        "Please try again after 2026-01-01T00:00:15.150Z.";
    assert_refused(fixture, "PutResourcePolicy", two, THROTTLED, WAIT);
    assert_refused(fixture, "DeleteResourcePolicy", TARGET, THROTTLED, WAIT);
    (void)assert_accepted(fixture, "PutResourcePolicy", one); /* changes nothing */
    api_fixture_advance(fixture, POLICY_PAUSE_MS - POLICY_UPDATE_MS);
    assert_answer(fixture, "PutResourcePolicy", two, "{'RevisionId':'1767225615150'}");
    const struct cJSON *reply = assert_accepted(fixture, "GetResourcePolicy", TARGET);
    assert_member_is(fixture, reply, "RevisionId", "'1767225600150'"); /* the one before */
    api_fixture_advance(fixture, POLICY_UPDATE_MS);
    reply = assert_accepted(fixture, "GetResourcePolicy", TARGET);
    assert_member_is(fixture, reply, "RevisionId", "'1767225615150'");
}

static void a_revision_is_asked_for_first(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const char *document = POLICY(STATEMENT(GET_ITEM));
    assert_refused(fixture, "PutResourcePolicy",
                   put(fixture, document, ",'ExpectedRevisionId':'123'"), NO_POLICY,
                   ABSENT "Requested update for policy with revision id 123, but table Tab has no "
                          "associated policy.");
    assert_answer(fixture, "PutResourcePolicy",
                  put(fixture, document, ",'ExpectedRevisionId':'NO_POLICY'"),
                  "{'RevisionId':'1767225600150'}");
    assert_refused(fixture, "PutResourcePolicy",
                   put(fixture, document, ",'ExpectedRevisionId':'NO_POLICY'"), NO_POLICY,
                   ABSENT "Requested policy update expecting none to be present for table Tab, but "
                          "a policy exists with revision id 1767225600150.");
    assert_refused(fixture, "DeleteResourcePolicy",
                   "{'ResourceArn':'" ARN "','ExpectedRevisionId':'123'}", NO_POLICY,
                   ABSENT "Requested update for policy with revision id 123, but the policy "
                          "associated to target table Tab has revision id 1767225600150.");
    api_fixture_advance(fixture, POLICY_PAUSE_MS);
    assert_answer(fixture, "DeleteResourcePolicy",
                  "{'ResourceArn':'" ARN "','ExpectedRevisionId':'1767225600150'}",
                  "{'RevisionId':'1767225600150'}");
    assert_refused(fixture, "DeleteResourcePolicy",
                   "{'ResourceArn':'" ARN "','ExpectedRevisionId':'1767225600150'}", NO_POLICY,
                   ABSENT "Requested update for policy with revision id 1767225600150, but the "
                          "policy associated to target table Tab has revision id 1767225615150.");
}

static void deleting_nothing_is_no_fault(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_answer(fixture, "DeleteResourcePolicy", TARGET, "{}");
    (void)assert_accepted(fixture, "PutResourcePolicy",
                          put(fixture, POLICY(STATEMENT(GET_ITEM)), ""));
    api_fixture_advance(fixture, POLICY_PAUSE_MS);
    (void)assert_accepted(fixture, "DeleteResourcePolicy", TARGET);
    assert_answer(fixture, "DeleteResourcePolicy", TARGET, "{'RevisionId':'1767225615150'}");
    (void)assert_accepted(fixture, "GetResourcePolicy", TARGET);
    api_fixture_advance(fixture, POLICY_UPDATE_MS);
    assert_refused(fixture, "GetResourcePolicy", TARGET, NO_POLICY, ABSENT ARN);
}

static void who_would_be_locked_out_must_confirm(void **state)
{
    static const char DENY[] =
        POLICY("{" Q "Effect" Q ":" Q "Deny" Q "," Q "Principal" Q ":" Q "*" Q "," Q "Action" Q
               ":[" Q "dynamodb:PutResourcePolicy" Q "," Q "dynamodb:GetItem" Q "]," Q "Resource" Q
               ":" Q "*" Q "}");
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_refused(fixture, "PutResourcePolicy", put(fixture, DENY, ""), ACCESS_DENIED,
                   "The new resource policy will not allow you to update the resource policy in "
                   "the future.");
    (void)assert_accepted(fixture, "PutResourcePolicy",
                          put(fixture, DENY, ",'ConfirmRemoveSelfResourceAccess':true"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(what_is_wrong_is_told_in_order),
        API_TEST(twenty_kilobytes_are_the_most),
        API_TEST(a_document_is_kept_in_one_form),
        API_TEST(lists_of_more_are_kept_and_a_version_is_told),
        API_TEST(a_change_is_seen_when_it_is_done_and_the_next_one_waits),
        API_TEST(a_revision_is_asked_for_first),
        API_TEST(deleting_nothing_is_no_fault),
        API_TEST(who_would_be_locked_out_must_confirm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
