#include "tools/report/picture.h"

#include "storage/base/arena.h"
#include "tools/record.h"
#include "tools/report/chart.h"
#include "tools/report/lanes.h"
#include "tools/report/scale.h"
#include "tools/report/text.h"

#include <string.h>

enum {
    AXIS_HEIGHT = 22,
    STEP_HEIGHT = 18,
    BACKGROUND_HEIGHT = 8,
    LABEL_HEIGHT = 20,
    BAND_HEIGHT = 18,
    LANE_GAP = 6,
    CHARACTER_WIDTH = 7, /* of the small type, roughly */
    MARK_SIZE = 6,
    INDENT = 14,
    SIZE_GUESS = 16 * 1024,
};

/* What is drawn so far reaches down to `y`. */
struct canvas {
    struct buffer *to;
    const struct run_record *record;
    struct scale scale;
    double y;
};

static void append_attribute_text(struct buffer *to, const char *text)
{
    report_append_xml_text(to, bytes_of_text(text));
}

static void draw_axis(struct canvas *canvas)
{
    int64_t step_ms = scale_tick_ms(&canvas->scale);
    for (int64_t at_ms = 0; at_ms <= canvas->scale.duration_ms; at_ms += step_ms) {
        double x = scale_x(&canvas->scale, at_ms);
        bool is_last = x > canvas->scale.left + canvas->scale.width - 40;
        buffer_append_format(canvas->to, "<text class=\"tick\" x=\"%.1f\" y=\"13\"%s>", x,
                             is_last ? " text-anchor=\"end\"" : "");
        scale_append_time(canvas->to, at_ms, step_ms);
        buffer_append_text(canvas->to, "</text>\n");
    }
    canvas->y += AXIS_HEIGHT;
}

/* Behind everything else, once the height is known. */
static void draw_grid(struct canvas *canvas, double height)
{
    int64_t step_ms = scale_tick_ms(&canvas->scale);
    buffer_append_text(canvas->to, "<path class=\"grid\" d=\"");
    for (int64_t at_ms = 0; at_ms <= canvas->scale.duration_ms; at_ms += step_ms) {
        buffer_append_format(canvas->to, "M%.1f %dV%.1f", scale_x(&canvas->scale, at_ms),
                             AXIS_HEIGHT - 4, height);
    }
    buffer_append_text(canvas->to, "\"/>\n");
}

static void append_step_title(struct buffer *to, size_t index, const struct run_record *record)
{
    const struct step_record *step = &record->steps[index];
    buffer_append_format(to, "<title>%zu. ", index + 1);
    append_attribute_text(to, record->runbook->steps[index].name);
    buffer_append_format(to, ": %s, ", record_status_name(step->status));
    report_append_seconds(to, step->duration_ms);
    buffer_append_text(to, " s</title>");
}

static void draw_step(struct canvas *canvas, size_t index, double y, double height)
{
    const struct step_record *step = &canvas->record->steps[index];
    double x = scale_x(&canvas->scale, step->began_ms);
    double width = scale_x(&canvas->scale, step->began_ms + step->duration_ms) - x;
    width = width < 2 ? 2 : width;
    buffer_append_format(canvas->to, "<a href=\"#step-%zu\"><g class=\"step %s\">", index + 1,
                         step->status == STEP_PASSED   ? "passed"
                         : step->status == STEP_FAILED ? "failed"
                                                       : "other");
    append_step_title(canvas->to, index, canvas->record);
    buffer_append_format(canvas->to,
                         "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"1.5\"/>",
                         x, y, width > 3 ? width - 1 : width, height);
    if (width >= 20 && height > 12) {
        buffer_append_format(canvas->to, "<text x=\"%.1f\" y=\"%.1f\">%zu</text>", x + width / 2,
                             y + 13, index + 1);
    }
    buffer_append_text(canvas->to, "</g></a>\n");
}

static void draw_steps(struct canvas *canvas)
{
    const struct runbook *runbook = canvas->record->runbook;
    bool has_background = false;
    for (size_t i = 0; i < runbook->step_count; i++) {
        if (canvas->record->steps[i].tries > 0 && !runbook->steps[i].background) {
            draw_step(canvas, i, canvas->y, STEP_HEIGHT);
        }
        has_background =
            has_background || (runbook->steps[i].background && canvas->record->steps[i].tries > 0);
    }
    canvas->y += STEP_HEIGHT + 3;
    for (size_t i = 0; has_background && i < runbook->step_count; i++) {
        if (canvas->record->steps[i].tries > 0 && runbook->steps[i].background) {
            draw_step(canvas, i, canvas->y, BACKGROUND_HEIGHT);
            canvas->y += BACKGROUND_HEIGHT + 2;
        }
    }
    canvas->y += LANE_GAP;
}

static const char *class_of_state(const char *state)
{
    static const struct {
        const char *state;
        const char *class;
    } classes[] = {
        { "ACTIVE", "active" },       { "CREATING", "creating" }, { "ALLOCATING", "creating" },
        { "BACKFILLING", "filling" }, { "UPDATING", "updating" }, { "DELETING", "deleting" },
    };
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (strcmp(classes[i].state, state) == 0) {
            return classes[i].class;
        }
    }
    return "unusual";
}

static void draw_span(struct canvas *canvas, const struct lane_span *span)
{
    double x = scale_x(&canvas->scale, span->from_ms);
    double width = scale_x(&canvas->scale, span->to_ms) - x;
    width = width < 1.5 ? 1.5 : width;
    buffer_append_format(canvas->to, "<g class=\"state %s\"><title>", class_of_state(span->state));
    append_attribute_text(canvas->to, span->state);
    buffer_append_text(canvas->to, ", ");
    report_append_seconds(canvas->to, span->from_ms);
    buffer_append_text(canvas->to, " s to ");
    report_append_seconds(canvas->to, span->to_ms);
    buffer_append_format(canvas->to,
                         " s</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>", x,
                         canvas->y, width, BAND_HEIGHT);
    if (width > (double)(strlen(span->state) * CHARACTER_WIDTH + 6)) {
        buffer_append_format(canvas->to, "<text x=\"%.1f\" y=\"%.1f\">", x + 5, canvas->y + 13);
        append_attribute_text(canvas->to, span->state);
        buffer_append_text(canvas->to, "</text>");
    }
    buffer_append_text(canvas->to, "</g>\n");
}

/* A triangle at the lower edge of the band that points to the moment. */
static void draw_mark(struct canvas *canvas, const struct observed_event *event)
{
    double x = scale_x(&canvas->scale, event->at_ms);
    double y = canvas->y + BAND_HEIGHT - 2;
    buffer_append_format(canvas->to, "<g class=\"mark %s\"><title>",
                         event->kind == OBSERVED_FAULT ? "fault" : "refusal");
    report_append_seconds(canvas->to, event->at_ms);
    buffer_append_text(canvas->to, " s: ");
    append_attribute_text(canvas->to, event->operation);
    buffer_append_text(canvas->to,
                       event->kind == OBSERVED_FAULT ? " made to fail: " : " refused: ");
    append_attribute_text(canvas->to, event->error);
    buffer_append_text(canvas->to, event->message[0] != '\0' ? ": " : "");
    append_attribute_text(canvas->to, event->message);
    buffer_append_format(canvas->to, "</title><path d=\"M%.1f %.1fl%d %dh-%dz\"/></g>\n", x, y,
                         MARK_SIZE, MARK_SIZE * 2 - 2, MARK_SIZE * 2);
}

static void draw_lane(struct canvas *canvas, const struct lane *lane)
{
    bool is_table = lane->index[0] == '\0';
    double x = canvas->scale.left;
    if (!is_table) {
        buffer_append_format(canvas->to,
                             "<rect class=\"hue-%zu\" x=\"%.1f\" y=\"%.1f\" width=\"9\" "
                             "height=\"9\" rx=\"2\"/>",
                             lane->hue % CHART_HUE_COUNT, x, canvas->y + 6);
        x += INDENT;
    }
    buffer_append_format(canvas->to, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">",
                         is_table ? "table" : "index", x, canvas->y + 14);
    append_attribute_text(canvas->to, is_table ? lane->table : lane->index);
    buffer_append_text(canvas->to, "</text>\n");
    canvas->y += LABEL_HEIGHT;
    buffer_append_format(
        canvas->to, "<rect class=\"lane\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>\n",
        canvas->scale.left, canvas->y, canvas->scale.width, BAND_HEIGHT);
    const struct lane_span *spans = lane->spans.elements;
    for (size_t i = 0; i < lane->spans.count; i++) {
        draw_span(canvas, &spans[i]);
    }
    const struct observed_event *const *marks = lane->marks.elements;
    for (size_t i = 0; i < lane->marks.count; i++) {
        draw_mark(canvas, marks[i]);
    }
    canvas->y += BAND_HEIGHT + LANE_GAP;
}

/* A table's lanes, then the reads of them. */
static void draw_lanes(struct canvas *canvas, const struct list *lanes)
{
    const struct lane *all = lanes->elements;
    for (size_t first = 0; first < lanes->count;) {
        size_t end = first;
        while (end < lanes->count && strcmp(all[end].table, all[first].table) == 0) {
            draw_lane(canvas, &all[end]);
            end += 1;
        }
        canvas->y += chart_append(canvas->to, canvas->record, &all[first], end - first,
                                  &(struct chart_place){ canvas->scale, canvas->y });
        first = end;
    }
}

void picture_append(struct buffer *to, const struct run_record *record)
{
    struct arena arena;
    arena_init(&arena);
    struct list lanes = lanes_of(&arena, record);
    struct buffer inner;
    buffer_init(&inner, &arena, SIZE_GUESS);
    struct canvas canvas = { .to = &inner, .record = record, .scale = scale_of(record) };
    draw_axis(&canvas);
    draw_steps(&canvas);
    draw_lanes(&canvas, &lanes);
    buffer_append_format(
        to,
        "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"The steps, and the "
        "states of tables and indexes, over time\">\n",
        SCALE_PICTURE_WIDTH, canvas.y);
    canvas.to = to;
    draw_grid(&canvas, canvas.y);
    buffer_append_bytes(to, buffer_view(&inner));
    buffer_append_text(to, "</svg>\n");
    arena_deinit(&arena);
}
