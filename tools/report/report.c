#include "tools/report/report.h"

#include "tools/report/html.h"
#include "tools/report/json.h"
#include "tools/report/junit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { REPORT_SIZE_GUESS = 64 * 1024 };

bool report_prepare(const char *directory)
{
    char path[PATH_MAX];
    size_t length = strlen(directory);
    if (length == 0 || length >= sizeof path) {
        errno = length == 0 ? ENOENT : ENAMETOOLONG;
        return false;
    }
    memcpy(path, directory, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        char end = path[i];
        path[i] = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST) {
            return false;
        }
        path[i] = end;
    }
    struct stat found;
    if (stat(directory, &found) != 0) {
        return false;
    }
    errno = ENOTDIR;
    return S_ISDIR(found.st_mode);
}

static bool write_file(const char *directory, const char *name, struct bytes content)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return false;
    }
    bool written = fwrite(content.data, 1, content.length, file) == content.length;
    return fclose(file) == 0 && written;
}

bool report_write(struct arena *arena, const char *directory, const struct run_record *record)
{
    static const struct {
        const char *name;
        void (*append)(struct buffer *to, const struct run_record *record);
    } files[] = {
        { "report.json", report_append_json },
        { "junit.xml", report_append_junit },
        { "index.html", report_append_html },
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct buffer content;
        buffer_init(&content, arena, REPORT_SIZE_GUESS);
        files[i].append(&content, record);
        if (!write_file(directory, files[i].name, buffer_view(&content))) {
            return false;
        }
    }
    return true;
}
