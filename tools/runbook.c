#include "tools/runbook.h"

#include "storage/base/arena.h"
#include "tools/annotation.h"

#include <cmark.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    FILE_SIZE_MAX = 16 * 1024 * 1024, /* a runbook is read by people */
    READ_SIZE = 64 * 1024,
};

struct parser {
    struct arena *arena;
    const char *path;
    struct bytes text;
    struct buffer heading; /* text of the newest heading */
    struct step *steps;
    size_t step_count;
    size_t step_capacity;
    const char *error;
};

static const char *format_error(struct arena *arena, const char *path, int line, const char *what)
{
    struct buffer message;
    buffer_init(&message, arena, 128);
    if (line > 0) {
        buffer_append_format(&message, "%s:%d: %s", path, line, what);
    } else {
        buffer_append_format(&message, "%s: %s", path, what);
    }
    return bytes_to_text(arena, buffer_view(&message));
}

/*
 * The info string of the fence that opens in `line`, as it was written. cmark's own is of no use
 * here: Markdown takes out the backslashes before it hands the string over, and with them the
 * difference between \" and ".
 */
static struct bytes raw_info(struct bytes text, int line)
{
    const uint8_t *next = text.data;
    const uint8_t *end = text.data + text.length;
    for (int skipped = 1; skipped < line; skipped++) {
        const uint8_t *feed = memchr(next, '\n', (size_t)(end - next));
        if (feed == NULL) {
            return (struct bytes){ .data = end, .length = 0 };
        }
        next = feed + 1;
    }
    const uint8_t *feed = memchr(next, '\n', (size_t)(end - next));
    end = feed != NULL ? feed : end;
    while (next < end && *next != '`' && *next != '~') { /* indentation, "> ", "1. " */
        next++;
    }
    const uint8_t *fence = next;
    while (next < end && *next == *fence) {
        next++;
    }
    while (next < end && (*next == ' ' || *next == '\t')) {
        next++;
    }
    return (struct bytes){ .data = next, .length = (size_t)(end - next) };
}

static bool name_is_taken(const struct parser *parser, const char *name)
{
    for (size_t i = 0; i < parser->step_count; i++) {
        if (strcmp(parser->steps[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The heading; for a second step under it with " (2)", and so on. */
static const char *name_step(const struct parser *parser)
{
    struct bytes heading = buffer_view(&parser->heading);
    if (heading.length == 0) {
        heading = BYTES("Before the first heading");
    }
    const char *name = bytes_to_text(parser->arena, heading);
    for (int number = 2; name_is_taken(parser, name); number++) {
        struct buffer numbered;
        buffer_init(&numbered, parser->arena, heading.length + 8);
        buffer_append_bytes(&numbered, heading);
        buffer_append_format(&numbered, " (%d)", number);
        name = bytes_to_text(parser->arena, buffer_view(&numbered));
    }
    return name;
}

static bool add_step(struct parser *parser, cmark_node *block)
{
    int line = cmark_node_get_start_line(block);
    struct bytes info = raw_info(parser->text, line);
    struct bytes language = BYTES("bash");
    if (!bytes_start_with(info, language)) {
        return true;
    }
    struct bytes annotations = { .data = info.data + language.length,
                                 .length = info.length - language.length };
    if (annotations.length > 0 && annotations.data[0] != ' ' && annotations.data[0] != '\t') {
        return true; /* another language that begins alike */
    }
    struct step step = { .line = line, .name = name_step(parser) };
    const char *wrong = annotation_parse(parser->arena, annotations, &step);
    if (wrong != NULL) {
        parser->error = format_error(parser->arena, parser->path, line, wrong);
        return false;
    }
    const char *command = cmark_node_get_literal(block);
    step.command = bytes_to_text(parser->arena, bytes_of_text(command));
    if (parser->step_count == parser->step_capacity) {
        size_t old_size = parser->step_capacity * sizeof step;
        parser->step_capacity = parser->step_capacity * 2 + 16;
        parser->steps =
            arena_grow(parser->arena, parser->steps, old_size, parser->step_capacity * sizeof step);
    }
    parser->steps[parser->step_count++] = step;
    return true;
}

/* Collects the words of headings and the fenced blocks, in the order of the page. */
static bool walk(struct parser *parser, cmark_iter *iterator)
{
    bool in_heading = false;
    for (;;) {
        cmark_event_type event = cmark_iter_next(iterator);
        if (event == CMARK_EVENT_DONE) {
            return true;
        }
        cmark_node *node = cmark_iter_get_node(iterator);
        cmark_node_type type = cmark_node_get_type(node);
        if (type == CMARK_NODE_HEADING) {
            in_heading = event == CMARK_EVENT_ENTER;
            if (in_heading) {
                parser->heading.length = 0;
            }
        } else if (in_heading && (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)) {
            buffer_append_text(&parser->heading, cmark_node_get_literal(node));
        } else if (in_heading && type == CMARK_NODE_SOFTBREAK) {
            buffer_append_text(&parser->heading, " ");
        } else if (type == CMARK_NODE_CODE_BLOCK && cmark_node_get_fence_info(node)[0] != '\0' &&
                   !add_step(parser, node)) {
            return false;
        }
    }
}

/* Finds the steps that end the background steps. */
static bool resolve_background_ends(struct parser *parser)
{
    for (size_t i = 0; i < parser->step_count; i++) {
        struct step *step = &parser->steps[i];
        step->background_end_index = parser->step_count;
        if (step->background_end == NULL) {
            continue;
        }
        size_t end = i + 1;
        while (end < parser->step_count &&
               strcasecmp(parser->steps[end].name, step->background_end) != 0) {
            end += 1;
        }
        if (end == parser->step_count) {
            struct buffer wrong;
            buffer_init(&wrong, parser->arena, 128);
            buffer_append_format(&wrong, "background: no later step is named \"%s\"",
                                 step->background_end);
            parser->error = format_error(parser->arena, parser->path, step->line,
                                         bytes_to_text(parser->arena, buffer_view(&wrong)));
            return false;
        }
        step->background_end_index = end;
    }
    return true;
}

/* Windows line ends would reach the shell as part of the commands. */
static struct bytes without_carriage_returns(struct arena *arena, struct bytes text)
{
    struct buffer clean;
    buffer_init(&clean, arena, text.length);
    for (size_t i = 0; i < text.length; i++) {
        bool ends_line = i + 1 < text.length && text.data[i + 1] == '\n';
        if (text.data[i] != '\r' || !ends_line) {
            buffer_append_u8(&clean, text.data[i]);
        }
    }
    return buffer_view(&clean);
}

enum runbook_status runbook_parse(struct arena *arena,
                                  const char *path,
                                  struct bytes text,
                                  struct runbook *out_runbook,
                                  const char **out_error)
{
    struct parser parser = {
        .arena = arena,
        .path = path,
        .text = without_carriage_returns(arena, text),
        .steps = arena_alloc(arena, 0),
    };
    buffer_init(&parser.heading, arena, 128);
    cmark_node *document =
        cmark_parse_document((const char *)parser.text.data, parser.text.length, CMARK_OPT_DEFAULT);
    cmark_iter *iterator = cmark_iter_new(document);
    bool well_formed = walk(&parser, iterator) && resolve_background_ends(&parser);
    cmark_iter_free(iterator);
    cmark_node_free(document);
    if (well_formed && parser.step_count == 0) {
        parser.error = format_error(arena, path, 0, "no step: no fenced block begins with ```bash");
        well_formed = false;
    }
    if (!well_formed) {
        *out_error = parser.error;
        return RUNBOOK_MALFORMED;
    }
    *out_runbook = (struct runbook){
        .path = bytes_to_text(arena, bytes_of_text(path)),
        .steps = parser.steps,
        .step_count = parser.step_count,
    };
    return RUNBOOK_OK;
}

/* NULL on success, else why the file cannot be read. */
static const char *read_all(FILE *file, struct buffer *content)
{
    for (;;) {
        size_t got = fread(buffer_reserve(content, READ_SIZE), 1, READ_SIZE, file);
        buffer_commit(content, got);
        if (got < READ_SIZE) {
            return ferror(file) ? strerror(errno) : NULL;
        }
        if (content->length > FILE_SIZE_MAX) {
            return "larger than 16 MiB";
        }
    }
}

enum runbook_status runbook_load(struct arena *arena,
                                 const char *path,
                                 struct runbook *out_runbook,
                                 const char **out_error)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        *out_error = format_error(arena, path, 0, strerror(errno));
        return RUNBOOK_UNREADABLE;
    }
    struct buffer content;
    buffer_init(&content, arena, READ_SIZE);
    const char *wrong = read_all(file, &content);
    (void)fclose(file);
    if (wrong != NULL) {
        *out_error = format_error(arena, path, 0, wrong);
        return RUNBOOK_UNREADABLE;
    }
    return runbook_parse(arena, path, buffer_view(&content), out_runbook, out_error);
}
