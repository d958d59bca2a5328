/*
 * UpdateTable's SSESpecification: which key is shown while one comes and another goes, what is no
 * change, and how many changes a day allows.
 */

#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HOUR_MS INT64_C(3600000)

/* Of a change, the part that shows what was before. */
enum { SHOWN_MS = ENCRYPTION_MS * 2 / 5 };

static const char TABLE[] = TAB(DEFINE(S("pk")) "," KEY(HASH("pk")) "," ON_DEMAND);

#define KEY_ONE       "arn:aws:kms:eu-test-1:000000000000:key/one"
#define KEY_TWO       "arn:aws:kms:eu-test-1:000000000000:key/two"
#define BY(key)       TAB(ENCRYPT("'Enabled':true,'SSEType':'KMS','KMSMasterKeyId':'" key "'"))
#define OFF           TAB(ENCRYPT("'Enabled':false"))
#define STUB          "{'Status':'UPDATING'}"
#define COMING(key)   "{'Status':'UPDATING','SSEType':'KMS','KMSMasterKeyArn':'" key "'}"
#define IN_FORCE(key) "{'Status':'ENABLED','SSEType':'KMS','KMSMasterKeyArn':'" key "'}"

static const struct cJSON *described(struct api_fixture *fixture)
{
    return json_at(assert_accepted(fixture, "DescribeTable", TAB_ALONE), "Table");
}

static void assert_encryption(struct api_fixture *fixture, const char *expected)
{
    assert_member_is(fixture, described(fixture), "TableStatus", "'ACTIVE'");
    assert_member_is(fixture, described(fixture), "SSEDescription", expected);
}

/* From what to what; the reply shows what is shown first. */
static const struct {
    const char *before; /* NULL: as created */
    const char *request;
    const char *first;
    const char *then;
    const char *after;
} WALKS[] = {
    { NULL, BY(KEY_ONE), STUB, COMING(KEY_ONE), IN_FORCE(KEY_ONE) },
    { BY(KEY_ONE), BY(KEY_TWO), COMING(KEY_ONE), COMING(KEY_TWO), IN_FORCE(KEY_TWO) },
    { BY(KEY_ONE), OFF, COMING(KEY_ONE), STUB, NULL },
    { BY(KEY_ONE), BY("one"), COMING(KEY_ONE), COMING(KEY_ONE), IN_FORCE(KEY_ONE) },
};

static void keys_come_and_go_in_two_steps_and_the_table_stays_active(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WALKS / sizeof *WALKS; i++) {
        struct api_fixture fixture;
        api_fixture_open(&fixture);
        create_table(&fixture, TABLE);
        if (WALKS[i].before != NULL) {
            (void)assert_accepted(&fixture, "UpdateTable", WALKS[i].before);
            api_fixture_advance(&fixture, ENCRYPTION_MS);
        }
        const struct cJSON *reply = assert_accepted(&fixture, "UpdateTable", WALKS[i].request);
        assert_member_is(&fixture, reply, "TableDescription.TableStatus", "'ACTIVE'");
        assert_member_is(&fixture, reply, "TableDescription.SSEDescription", WALKS[i].first);
        api_fixture_advance(&fixture, SHOWN_MS - 1);
        assert_encryption(&fixture, WALKS[i].first);
        api_fixture_advance(&fixture, 1);
        assert_encryption(&fixture, WALKS[i].then);
        api_fixture_advance(&fixture, ENCRYPTION_MS - SHOWN_MS - 1);
        assert_encryption(&fixture, WALKS[i].then);
        api_fixture_advance(&fixture, 1);
        assert_encryption(&fixture, WALKS[i].after);
        api_fixture_close(&fixture);
    }
}

/* Only the ARN is compared with the key in use; an id or alias encrypts anew. */
static void what_is_already_so_is_refused(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_refused(fixture, "UpdateTable", OFF, VALIDATION,
                   INVALID "Table is already encrypted by default");
    assert_refused(fixture, "UpdateTable", TAB(ENCRYPT("")), VALIDATION,
                   INVALID "Table is already encrypted by default");
    (void)assert_accepted(fixture, "UpdateTable", BY(KEY_ONE));
    api_fixture_advance(fixture, ENCRYPTION_MS);
    assert_refused(fixture, "UpdateTable", BY(KEY_ONE), VALIDATION,
                   INVALID "Table is already encrypted with given KMSMasterKeyId. Use "
                           "KMSMasterKeyId parameter if you want to change Master Key");
    (void)assert_accepted(fixture, "UpdateTable", BY("one"));
}

static void during_a_change_only_the_same_is_welcome(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateTable", BY(KEY_ONE));
    (void)assert_accepted(fixture, "UpdateTable", BY(KEY_ONE));
    assert_refused(fixture, "UpdateTable", BY(KEY_TWO), IN_USE,
                   STILL_IN_USE "Server-Side Encryption is still being updated");
    assert_refused(fixture, "UpdateTable", OFF, IN_USE,
                   STILL_IN_USE "Server-Side Encryption is still being updated");
    api_fixture_advance(fixture, ENCRYPTION_MS);
    assert_encryption(fixture, IN_FORCE(KEY_ONE));
}

#define CHANGES(end, count, last, next)                                                            \
    "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending at "  \
    "2026-01-" end "Z. After the first 4 change, each subsequent change in the same window can "   \
    "be performed at most once every 21600 seconds. Number of updates today: " count               \
    ". Last change at 2026-01-" last "Z. Next changes can be made at 2026-01-" next "Z."

static void change(struct api_fixture *fixture, const char *request)
{
    (void)assert_accepted(fixture, "UpdateTable", request);
    api_fixture_advance(fixture, ENCRYPTION_MS);
}

/* Four in the 24 hours from the first on, then one in six hours; refused ones do not count. */
static void a_day_has_four_changes(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    change(fixture, BY(KEY_ONE));
    change(fixture, BY("one"));
    change(fixture, BY("one"));
    change(fixture, OFF);
    static const char FIFTH[] =
        CHANGES("02T00:00:00.150", "4", "01T00:00:03.450", "01T06:00:03.450");
    assert_refused(fixture, "UpdateTable", BY(KEY_TWO), LIMIT, FIFTH);
    assert_refused(fixture, "UpdateTable", OFF, VALIDATION,
                   INVALID "Table is already encrypted by default");
    api_fixture_advance(fixture, 6 * HOUR_MS - ENCRYPTION_MS - 1);
    assert_refused(fixture, "UpdateTable", BY(KEY_TWO), LIMIT, FIFTH);
    api_fixture_advance(fixture, 1);
    change(fixture, BY(KEY_TWO));
    assert_refused(fixture, "UpdateTable", OFF, LIMIT,
                   CHANGES("02T00:00:00.150", "5", "01T06:00:03.450", "01T12:00:03.450"));
    api_fixture_advance(fixture, 13 * HOUR_MS);
    change(fixture, OFF); /* in the evening, so that the end of the window comes before six hours */
    assert_refused(fixture, "UpdateTable", BY(KEY_ONE), LIMIT,
                   CHANGES("02T00:00:00.150", "6", "01T19:00:04.550", "02T00:00:00.150"));
    api_fixture_advance(fixture, 5 * HOUR_MS);
    change(fixture, BY(KEY_ONE)); /* a new window, with all four */
    change(fixture, BY(KEY_TWO));
    change(fixture, BY(KEY_ONE));
    change(fixture, BY(KEY_TWO));
}

static void a_change_goes_on_after_a_restart(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_durable(&fixture);
    create_table(&fixture, TABLE);
    (void)assert_accepted(&fixture, "UpdateTable", BY(KEY_ONE));
    api_fixture_reopen(&fixture);
    api_fixture_advance(&fixture, TABLE_CREATE_INDEXED_MS + ENCRYPTION_MS - 1);
    assert_encryption(&fixture, COMING(KEY_ONE));
    api_fixture_advance(&fixture, 1);
    assert_encryption(&fixture, IN_FORCE(KEY_ONE));
    api_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_and_go_in_two_steps_and_the_table_stays_active),
        API_TEST(what_is_already_so_is_refused),
        API_TEST(during_a_change_only_the_same_is_welcome),
        API_TEST(a_day_has_four_changes),
        cmocka_unit_test(a_change_goes_on_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
