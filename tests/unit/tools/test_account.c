/* Credentials and region as the AWS CLI finds them. */

#include "tools/client/account.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena arena;
static char directory[64];

static void path_of(const char *name, char out_path[128])
{
    (void)snprintf(out_path, 128, "%s/%s", directory, name);
}

static void write_file(const char *name, const char *content)
{
    char path[128];
    path_of(name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    static const char *const names[] = { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                         "AWS_SESSION_TOKEN", "AWS_PROFILE",
                                         "AWS_REGION",        "AWS_DEFAULT_REGION" };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)unsetenv(names[i]);
    }
    arena_init(&arena);
    (void)snprintf(directory, sizeof directory, "/tmp/rehearse-account-XXXXXX");
    assert_non_null(mkdtemp(directory));
    char path[128];
    path_of("credentials", path);
    (void)setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
    path_of("config", path);
    (void)setenv("AWS_CONFIG_FILE", path, 1);
    (void)setenv("PATH", directory, 1); /* no AWS CLI */
    return 0;
}

static int tear_down(void **state)
{
    char path[128];
    (void)state;
    path_of("credentials", path);
    (void)unlink(path);
    path_of("config", path);
    (void)unlink(path);
    assert_int_equal(rmdir(directory), 0);
    arena_deinit(&arena);
    return 0;
}

static void write_profiles(void)
{
    write_file("credentials", "[default]\naws_access_key_id = one\naws_secret_access_key=first\n"
                              "[team]\naws_access_key_id = two\naws_secret_access_key = second\n"
                              "aws_session_token = token\n");
    write_file("config", "[default]\nregion = eu-west-1\n[profile team]\nregion = us-west-2\n"
                         "s3 =\n  max_concurrent_requests = 20\n");
}

static struct account find(const char *region, bool is_aws)
{
    struct account account = { .region = NULL };
    char reason[256] = "";
    if (!account_find(&arena, region, is_aws, &account, reason, sizeof reason)) {
        fail_msg("%s", reason);
    }
    return account;
}

static void the_default_profile_is_read_from_both_files(void **state)
{
    (void)state;
    write_profiles();
    struct account account = find(NULL, true);
    assert_string_equal(account.access_key_id, "one");
    assert_string_equal(account.secret_access_key, "first");
    assert_null(account.session_token);
    assert_string_equal(account.region, "eu-west-1");
}

static void a_named_profile_is_read(void **state)
{
    (void)state;
    write_profiles();
    (void)setenv("AWS_PROFILE", "team", 1);
    struct account account = find(NULL, true);
    assert_string_equal(account.access_key_id, "two");
    assert_string_equal(account.session_token, "token");
    assert_string_equal(account.region, "us-west-2");
}

static void the_environment_beats_the_files_and_an_option_the_environment(void **state)
{
    (void)state;
    write_profiles();
    (void)setenv("AWS_ACCESS_KEY_ID", "three", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "third", 1);
    (void)setenv("AWS_DEFAULT_REGION", "ap-south-1", 1);
    struct account account = find(NULL, true);
    assert_string_equal(account.access_key_id, "three");
    assert_null(account.session_token);
    assert_string_equal(account.region, "ap-south-1");
    (void)setenv("AWS_REGION", "sa-east-1", 1);
    assert_string_equal(find(NULL, true).region, "sa-east-1");
    assert_string_equal(find("us-east-2", true).region, "us-east-2");
}

static void half_a_key_in_the_environment_is_none(void **state)
{
    (void)state;
    write_profiles();
    (void)setenv("AWS_ACCESS_KEY_ID", "three", 1);
    assert_string_equal(find(NULL, true).access_key_id, "one");
}

static void without_an_account_only_others_than_aws_are_asked(void **state)
{
    char reason[256];
    struct account account = find(NULL, false);
    (void)state;
    assert_string_equal(account.access_key_id, "rehearsal");
    assert_string_equal(account.region, "us-east-1");
    assert_false(account_find(&arena, NULL, true, &account, reason, sizeof reason));
    assert_non_null(strstr(reason, "no region"));
    assert_false(account_find(&arena, "us-east-1", true, &account, reason, sizeof reason));
    assert_non_null(strstr(reason, "no credentials"));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_default_profile_is_read_from_both_files),
        CASE(a_named_profile_is_read),
        CASE(the_environment_beats_the_files_and_an_option_the_environment),
        CASE(half_a_key_in_the_environment_is_none),
        CASE(without_an_account_only_others_than_aws_are_asked),
    };
    return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
