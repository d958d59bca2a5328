#include "tools/document.h"

#include "tools/client/json.h"
#include "tools/exit_code.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { DOCUMENT_SIZE_MAX = 16 * 1024 * 1024 };

bool document_read_bytes(struct arena *arena, const char *path, struct bytes *out_text)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    char part[4096];
    struct buffer text;
    buffer_init(&text, arena, sizeof part);
    if (file == NULL) {
        return false;
    }
    for (size_t length;
         text.length <= DOCUMENT_SIZE_MAX && (length = fread(part, 1, sizeof part, file)) > 0;) {
        buffer_append(&text, part, length);
    }
    bool is_read = ferror(file) == 0;
    int reason = errno;
    if (file != stdin) {
        (void)fclose(file);
    }
    errno = is_read ? EFBIG : reason;
    *out_text = buffer_view(&text);
    return is_read && text.length <= DOCUMENT_SIZE_MAX;
}

int document_read(const struct command *command,
                  struct arena *arena,
                  const char *path,
                  struct cJSON **out_document)
{
    struct bytes text;
    if (!document_read_bytes(arena, path, &text)) {
        return command_fail(command, CODE_UNREACHABLE, "cannot read %s: %s", path, strerror(errno));
    }
    *out_document = json_parse(text);
    return *out_document != NULL ? CODE_FINE
                                 : command_fail(command, CODE_UNREACHABLE, "%s is not JSON", path);
}
