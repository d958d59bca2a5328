#include "tools/load/export_manifest.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/table/item.h"

#include <stdio.h>
#include <string.h>

#include <nettle/base16.h>
#include <nettle/base64.h>

static const double WHOLE_MAX = 9007199254740992; /* 2^53: JSON holds it exactly */

static bool read_count(const struct cJSON *object, uint64_t *out_count)
{
    double count = json_number(json_member(object, "itemCount"), -1);
    if (count < 0 || count > WHOLE_MAX || count != (double)(uint64_t)count) {
        return false;
    }
    *out_count = (uint64_t)count;
    return true;
}

/* ---- the summary ---- */

static bool read_summary(const struct cJSON *document,
                         struct export_summary *out_summary,
                         char *out_reason,
                         size_t reason_size)
{
    const char *format = json_text(json_member(document, "outputFormat"), "missing");
    const char *type = json_text(json_member(document, "exportType"), "FULL_EXPORT");
    if (!json_is_object(document)) {
        (void)snprintf(out_reason, reason_size, "manifest-summary.json is no JSON object");
    } else if (strcmp(type, "FULL_EXPORT") != 0) {
        (void)snprintf(out_reason, reason_size,
                       "the export is incremental (exportType %s): it holds changes, not items; "
                       "a full export is needed",
                       type);
    } else if (strcmp(format, "DYNAMODB_JSON") != 0) {
        (void)snprintf(out_reason, reason_size,
                       "the export's outputFormat is %s; one in DYNAMODB_JSON is needed", format);
    } else if (!read_count(document, &out_summary->item_count)) {
        (void)snprintf(out_reason, reason_size, "manifest-summary.json has no itemCount");
    } else {
        return true;
    }
    return false;
}

bool export_summary_read(struct bytes text,
                         struct export_summary *out_summary,
                         char *out_reason,
                         size_t reason_size)
{
    struct cJSON *document = json_parse(text);
    bool is_read = read_summary(document, out_summary, out_reason, reason_size);
    json_free(document);
    return is_read;
}

/* ---- the files ---- */

static const char *copy_text(struct arena *arena, const struct cJSON *object, const char *member)
{
    const char *text = json_text(json_member(object, member), NULL);
    return text != NULL ? bytes_to_text(arena, bytes_of_text(text)) : NULL;
}

/* Returns what is wrong, or NULL. */
static const char *
read_file(struct arena *arena, const struct cJSON *object, struct export_file *out_file)
{
    static const char ending[] = ".json.gz";
    const char *key = json_text(json_member(object, "dataFileS3Key"), "");
    const char *slash = strrchr(key, '/');
    const char *name = slash != NULL ? slash + 1 : key;
    size_t length = strlen(name);
    if (!json_is_object(object)) {
        return "is no JSON object";
    }
    if (length < sizeof ending || strcmp(name + length - (sizeof ending - 1), ending) != 0) {
        return "names no file .json.gz in dataFileS3Key";
    }
    out_file->name = bytes_to_text(arena, bytes_of_text(name));
    out_file->md5_checksum = copy_text(arena, object, "md5Checksum");
    out_file->etag = copy_text(arena, object, "etag");
    if (out_file->md5_checksum == NULL) {
        return "has no md5Checksum";
    }
    return read_count(object, &out_file->item_count) ? NULL : "has no itemCount";
}

static size_t count_lines(struct bytes text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.length; i++) {
        count += text.data[i] == '\n';
    }
    return count;
}

bool export_files_read(struct arena *arena,
                       struct bytes text,
                       struct export_files *out_files,
                       char *out_reason,
                       size_t reason_size)
{
    size_t line_number = 0;
    size_t lines = count_lines(text);
    *out_files = (struct export_files){ .count = 0 };
    out_files->list = arena_alloc_zero(arena, lines * sizeof *out_files->list);
    while (text.length > 0) {
        const uint8_t *feed = memchr(text.data, '\n', text.length);
        size_t length = feed != NULL ? (size_t)(feed - text.data) : text.length;
        struct bytes line = { .data = text.data, .length = length };
        size_t used = feed != NULL ? length + 1 : length;
        text = (struct bytes){ .data = text.data + used, .length = text.length - used };
        line_number++;
        if (line.length == 0) {
            continue;
        }
        struct export_file *file = &out_files->list[out_files->count];
        struct cJSON *object = json_parse(line);
        const char *wrong = read_file(arena, object, file);
        json_free(object);
        if (wrong != NULL) {
            (void)snprintf(out_reason, reason_size, "line %zu of manifest-files.json %s",
                           line_number, wrong);
            return false;
        }
        out_files->count++;
        out_files->item_count += file->item_count;
    }
    return true;
}

/* ---- checksums ---- */

static bool is_hex_of(const uint8_t digest[DIGEST_SIZE], const char *text)
{
    char hex[BASE16_ENCODE_LENGTH(DIGEST_SIZE)];
    base16_encode_update(hex, DIGEST_SIZE, digest);
    return strncmp(hex, text, sizeof hex) == 0;
}

static bool is_etag_of(const uint8_t md5[DIGEST_SIZE], const char *etag)
{
    const char *dash = strchr(etag, '-');
    if (dash == NULL) {
        return is_hex_of(md5, etag);
    }
    if (strcmp(dash, "-1") != 0) {
        return true;
    }
    uint8_t twice[DIGEST_SIZE];
    bytes_digest((struct bytes){ .data = md5, .length = DIGEST_SIZE }, twice);
    return is_hex_of(twice, etag);
}

bool export_file_is(const struct export_file *file, const uint8_t md5[16])
{
    char text[BASE64_ENCODE_RAW_LENGTH(DIGEST_SIZE)];
    base64_encode_raw(text, DIGEST_SIZE, md5);
    return strlen(file->md5_checksum) == sizeof text &&
           memcmp(file->md5_checksum, text, sizeof text) == 0 &&
           (file->etag == NULL || is_etag_of(md5, file->etag));
}
