#include "server/config.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { TEXT_COUNT_MAX = 8, MESSAGE_SIZE = 256 };

static int count(const char *const *texts)
{
    int total = 0;
    while (texts[total] != NULL) {
        total++;
    }
    return total;
}

static bool read_config(const char *const *arguments,
                        const char *const *environment,
                        struct config *out_config,
                        char out_message[MESSAGE_SIZE])
{
    return config_read(count(arguments), (char *const *)arguments, (char *const *)environment,
                       out_config, out_message, MESSAGE_SIZE);
}

static struct config valid_config(const char *const *arguments, const char *const *environment)
{
    struct config config;
    char message[MESSAGE_SIZE] = "";
    bool valid = read_config(arguments, environment, &config, message);
    assert_string_equal(message, "");
    assert_true(valid);
    return config;
}

#define TEXTS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define NOTHING ((const char *const[]){ NULL })

static void nothing_given_means_the_documented_defaults(void **state)
{
    (void)state;
    struct config config = valid_config(NOTHING, TEXTS("HOME=/", "PORT=1"));
    assert_string_equal(config.host, "127.0.0.1");
    assert_int_equal(config.port, 8000);
    assert_string_equal(config.data_directory, "./rehearsedb-data");
    assert_false(config.in_memory);
    assert_string_equal(config.profile, "brisk");
    assert_int_equal(config.durations.table_create_ms, 200);
    assert_int_equal(config.durations.index_backfill_ms, 600);
    assert_int_equal(config.durations.ttl_pause_ms, 0);
    assert_int_equal(config.durations.ttl_sweep_ms, 1000);
    assert_int_equal(config.item_count_refresh_ms, 21600000);
    assert_false(config.throttles);
    assert_in_range(config.threads, 2, 64);
    assert_true(config.map_size_bytes == INT64_C(64) << 30);
    assert_string_equal(config.region, "us-east-1");
    assert_int_equal(config.wording, API_WORDING_CLASSIC);
    assert_null(config.control_token);
}

static void both_ways_to_write_a_flag_are_read(void **state)
{
    (void)state;
    struct config config = valid_config(
        TEXTS("--port", "0", "--threads=3", "--control-token=a=b", "--region", "eu-west-1"),
        NOTHING);
    assert_int_equal(config.port, 0);
    assert_int_equal(config.threads, 3);
    assert_string_equal(config.control_token, "a=b");
    assert_string_equal(config.region, "eu-west-1");
}

static void a_flag_beats_the_environment_and_an_empty_variable_is_none(void **state)
{
    (void)state;
    const char *const *environment =
        TEXTS("REHEARSEDB_PORT=9000", "REHEARSEDB_HOST=::1", "REHEARSEDB_REGION=");
    struct config config = valid_config(TEXTS("--port=9001"), environment);
    assert_int_equal(config.port, 9001);
    assert_string_equal(config.host, "::1");
    assert_string_equal(config.region, "us-east-1");
}

static void sizes_have_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t size_bytes;
    } cases[] = { { "33554432", 33554432 },
                  { "16384KiB", 16777216 },
                  { "512MiB", INT64_C(512) << 20 },
                  { "1GiB", INT64_C(1) << 30 },
                  { "16384GiB", INT64_C(16384) << 30 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config config = valid_config(TEXTS("--map-size", cases[i].text), NOTHING);
        assert_true(config.map_size_bytes == cases[i].size_bytes);
    }
}

static void a_duration_overrides_its_profile(void **state)
{
    (void)state;
    struct config config = valid_config(TEXTS("--index-backfill-ms", "5", "--profile", "real"),
                                        TEXTS("REHEARSEDB_TABLE_CREATE_MS=0"));
    assert_int_equal(config.durations.index_backfill_ms, 5);
    assert_int_equal(config.durations.table_create_ms, 0);
    assert_int_equal(config.durations.index_allocate_ms, 40000);
    assert_int_equal(config.durations.index_delete_ms, 4000);
    assert_int_equal(config.durations.table_update_ms, 2000);
    assert_int_equal(config.durations.billing_return_ms, 4500);
    assert_int_equal(config.durations.table_create_indexed_ms, 17000);
    assert_int_equal(config.durations.index_update_ms, 3000);
    assert_int_equal(config.durations.protection_pause_ms, 15000);
    assert_int_equal(config.durations.ttl_pause_ms, 31 * 60 * 1000);
    assert_int_equal(config.durations.ttl_sweep_ms, 600000);
    assert_int_equal(config.durations.policy_pause_ms, 15000);
    assert_int_equal(config.durations.table_delete_ms, 5000);

    config = valid_config(TEXTS("--profile=instant", "--index-delete-ms=7"), NOTHING);
    assert_int_equal(config.durations.index_backfill_ms, 0);
    assert_int_equal(config.durations.table_create_ms, 0);
    assert_int_equal(config.durations.index_delete_ms, 7);
}

static void a_wording_is_chosen_by_name(void **state)
{
    (void)state;
    struct config config = valid_config(TEXTS("--wording", "2026"), NOTHING);
    assert_int_equal(config.wording, API_WORDING_2026);
    config = valid_config(TEXTS("--wording=classic"), TEXTS("REHEARSEDB_WORDING=2026"));
    assert_int_equal(config.wording, API_WORDING_CLASSIC);
}

static void throttling_is_switched_on(void **state)
{
    (void)state;
    assert_true(valid_config(TEXTS("--throttle"), NOTHING).throttles);
    assert_true(valid_config(NOTHING, TEXTS("REHEARSEDB_THROTTLE=1")).throttles);
}

static void in_memory_and_data_give_way_to_a_flag(void **state)
{
    (void)state;
    const char *const *both = TEXTS("REHEARSEDB_DATA=/data", "REHEARSEDB_IN_MEMORY=1");
    assert_true(valid_config(NOTHING, both).in_memory);
    assert_false(valid_config(TEXTS("--data", "d"), both).in_memory);
    assert_true(valid_config(TEXTS("--in-memory"), both).in_memory);
    assert_false(valid_config(TEXTS("--in-memory=false"), both).in_memory);
    assert_false(valid_config(TEXTS("--in-memory=0", "--data=d"), NOTHING).in_memory);
}

static void what_is_wrong_is_named_with_what_is_allowed(void **state)
{
    (void)state;
    static const struct {
        const char *arguments[TEXT_COUNT_MAX];
        const char *environment[TEXT_COUNT_MAX];
        const char *message;
    } cases[] = {
        { { "--prot", "1" },
          { NULL },
          "unknown argument '--prot'; 'rehearsedb serve --help' lists all flags" },
        { { "8000" },
          { NULL },
          "unknown argument '8000'; 'rehearsedb serve --help' lists all flags" },
        { { "--port" }, { NULL }, "--port needs a value: --port N" },
        { { "--port", "65536" },
          { NULL },
          "--port: '65536' is not allowed; allowed: a whole number from 0 to 65535" },
        { { "--port=" },
          { NULL },
          "--port: '' is not allowed; allowed: a whole number from 0 to 65535" },
        { { "--port", "99999999999999999999999" },
          { NULL },
          "--port: '99999999999999999999999' is not allowed; allowed: a whole number from 0 to "
          "65535" },
        { { "--threads", "1" },
          { NULL },
          "--threads: '1' is not allowed; allowed: a whole number from 2 to 64" },
        { { NULL },
          { "REHEARSEDB_THREADS=many" },
          "REHEARSEDB_THREADS: 'many' is not allowed; allowed: a whole number from 2 to 64" },
        { { "--table-create-ms=-1" },
          { NULL },
          "--table-create-ms: '-1' is not allowed; allowed: milliseconds from 0 to 86400000" },
        { { "--map-size", "64GB" },
          { NULL },
          "--map-size: '64GB' is not allowed; allowed: a size from 16MiB to 16384GiB, in bytes or "
          "with KiB, MiB or GiB" },
        { { "--map-size", "99999999999999999GiB" },
          { NULL },
          "--map-size: '99999999999999999GiB' is not allowed; allowed: a size from 16MiB to "
          "16384GiB, in bytes or with KiB, MiB or GiB" },
        { { "--profile", "fast" },
          { NULL },
          "--profile: 'fast' is not allowed; allowed: brisk, instant, real" },
        { { "--wording", "2027" },
          { NULL },
          "--wording: '2027' is not allowed; allowed: classic, 2026" },
        { { "--in-memory=yes" },
          { NULL },
          "--in-memory: 'yes' is not allowed; allowed: true, 1, false, 0, or the flag alone" },
        { { "--region=" },
          { NULL },
          "--region: '' is not allowed; allowed: a text that is not empty" },
        { { "--data", "d", "--in-memory" },
          { NULL },
          "--in-memory and --data d exclude each other; give one of them" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config config;
        char message[MESSAGE_SIZE] = "";
        assert_false(read_config(cases[i].arguments, cases[i].environment, &config, message));
        assert_string_equal(message, cases[i].message);
    }
}

static void every_flag_is_listed(void **state)
{
    (void)state;
    FILE *stream = tmpfile();
    assert_non_null(stream);
    config_print_flags(stream);
    rewind(stream);
    char text[8192];
    size_t length = fread(text, 1, sizeof text - 1, stream);
    text[length] = '\0';
    (void)fclose(stream);
    static const char *const flags[] = {
        "--host ADDRESS",
        "--port N",
        "--data DIR",
        "--in-memory ",
        "--profile NAME",
        "--table-create-ms MS",
        "--index-backfill-ms MS",
        "--threads N",
        "--wording NAME",
        "--map-size SIZE",
        "(default 64GiB)",
        "--control-token TOKEN",
        "--throttle ",
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        assert_non_null(strstr(text, flags[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given_means_the_documented_defaults),
        cmocka_unit_test(both_ways_to_write_a_flag_are_read),
        cmocka_unit_test(a_flag_beats_the_environment_and_an_empty_variable_is_none),
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(a_duration_overrides_its_profile),
        cmocka_unit_test(a_wording_is_chosen_by_name),
        cmocka_unit_test(throttling_is_switched_on),
        cmocka_unit_test(in_memory_and_data_give_way_to_a_flag),
        cmocka_unit_test(what_is_wrong_is_named_with_what_is_allowed),
        cmocka_unit_test(every_flag_is_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
