/* The manifests of exports to S3, and checksums as the service writes them. */

#include "tools/load/export_manifest.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static void a_full_export_is_taken(void **state)
{
    static const char *const texts[] = {
        "{\"outputFormat\":\"DYNAMODB_JSON\",\"itemCount\":8,\"s3SseKmsKeyId\":null}",
        "{\"outputFormat\":\"DYNAMODB_JSON\",\"exportType\":\"FULL_EXPORT\",\"itemCount\":8}",
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct export_summary summary;
        char reason[256] = "";
        assert_true(export_summary_read(bytes_of_text(texts[i]), &summary, reason, sizeof reason));
        assert_int_equal(summary.item_count, 8);
    }
}

static void other_exports_are_refused(void **state)
{
    static const char *const cases[][2] = {
        { "", "manifest-summary.json is no JSON object" },
        { "[]", "manifest-summary.json is no JSON object" },
        { "{\"itemCount\":1}",
          "the export's outputFormat is missing; one in DYNAMODB_JSON is needed" },
        { "{\"itemCount\":1,\"outputFormat\":\"ION\"}",
          "the export's outputFormat is ION; one in DYNAMODB_JSON is needed" },
        { "{\"itemCount\":1,\"outputFormat\":\"ION\",\"exportType\":\"INCREMENTAL_EXPORT\"}",
          "the export is incremental (exportType INCREMENTAL_EXPORT): it holds changes, not items; "
          "a full export is needed" },
        { "{\"itemCount\":1.5,\"outputFormat\":\"DYNAMODB_JSON\"}",
          "manifest-summary.json has no itemCount" },
        { "{\"itemCount\":\"1\",\"outputFormat\":\"DYNAMODB_JSON\"}",
          "manifest-summary.json has no itemCount" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct export_summary summary;
        char reason[256] = "";
        assert_false(
            export_summary_read(bytes_of_text(cases[i][0]), &summary, reason, sizeof reason));
        assert_string_equal(reason, cases[i][1]);
    }
}

static void each_line_is_a_file(void **state)
{
    static const char text[] =
        "{\"itemCount\":8,\"md5Checksum\":\"x\",\"etag\":\"y\",\"dataFileS3Key\":"
        "\"p/AWSDynamoDB/1/data/a.json.gz\"}\n"
        "\n"
        "{\"itemCount\":0,\"md5Checksum\":\"z\",\"dataFileS3Key\":\"b.json.gz\"}";
    struct export_files files;
    char reason[256] = "";
    (void)state;
    assert_true(export_files_read(&arena, bytes_of_text(text), &files, reason, sizeof reason));
    assert_int_equal(files.count, 2);
    assert_int_equal(files.item_count, 8);
    assert_string_equal(files.list[0].name, "a.json.gz");
    assert_string_equal(files.list[0].etag, "y");
    assert_string_equal(files.list[1].name, "b.json.gz");
    assert_null(files.list[1].etag);
    assert_true(export_files_read(&arena, BYTES(""), &files, reason, sizeof reason));
    assert_int_equal(files.count, 0);
}

static void a_line_that_names_no_file_is_told_by_its_number(void **state)
{
    static const char *const cases[][2] = {
        { "{\n", "line 1 of manifest-files.json is no JSON object" },
        { "\n[]", "line 2 of manifest-files.json is no JSON object" },
        { "{\"itemCount\":1,\"md5Checksum\":\"x\",\"dataFileS3Key\":\"a.json.gz/..\"}",
          "line 1 of manifest-files.json names no file .json.gz in dataFileS3Key" },
        { "{\"itemCount\":1,\"md5Checksum\":\"x\",\"dataFileS3Key\":\"data/.json.gz\"}",
          "line 1 of manifest-files.json names no file .json.gz in dataFileS3Key" },
        { "{\"itemCount\":1,\"dataFileS3Key\":\"a.json.gz\"}",
          "line 1 of manifest-files.json has no md5Checksum" },
        { "{\"md5Checksum\":\"x\",\"dataFileS3Key\":\"a.json.gz\"}",
          "line 1 of manifest-files.json has no itemCount" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct export_files files;
        char reason[256] = "";
        assert_false(
            export_files_read(&arena, bytes_of_text(cases[i][0]), &files, reason, sizeof reason));
        assert_string_equal(reason, cases[i][1]);
    }
}

/* The example of the developer guide, "DynamoDB table export output format". */
static const uint8_t MD5[] = { 0xB1, 0x03, 0x12, 0xA4, 0x42, 0x0B, 0x36, 0x0A,
                               0x10, 0x99, 0xAA, 0xEF, 0x0C, 0x5A, 0x27, 0x19 };

static void checksums_are_those_of_the_documentation(void **state)
{
    static const struct {
        const char *md5_checksum;
        const char *etag;
        bool is_same;
    } cases[] = {
        { "sQMSpEILNgoQmarvDFonGQ==", "af83d6f217c19b8b0fff8023d8ca4716-1", true },
        { "sQMSpEILNgoQmarvDFonGQ==", "b10312a4420b360a1099aaef0c5a2719", true },
        { "sQMSpEILNgoQmarvDFonGQ==", "00000000000000000000000000000000-2", true },
        { "sQMSpEILNgoQmarvDFonGQ==", NULL, true },
        { "sQMSpEILNgoQmarvDFonGQ==", "af83d6f217c19b8b0fff8023d8ca4717-1", false },
        { "sQMSpEILNgoQmarvDFonGQ==", "af83d6f217c19b8b0fff8023d8ca4716", false },
        { "sQMSpEILNgoQmarvDFonGR==", "af83d6f217c19b8b0fff8023d8ca4716-1", false },
        { "sQMSpEILNgoQmarvDFonGQ", NULL, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct export_file file = { .md5_checksum = cases[i].md5_checksum, .etag = cases[i].etag };
        assert_int_equal(export_file_is(&file, MD5), cases[i].is_same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_export_is_taken),
        cmocka_unit_test(other_exports_are_refused),
        cmocka_unit_test(each_line_is_a_file),
        cmocka_unit_test(a_line_that_names_no_file_is_told_by_its_number),
        cmocka_unit_test(checksums_are_those_of_the_documentation),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
