#include "tools/report/chart.h"

#include "storage/base/arena.h"
#include "tools/report/text.h"

#include <string.h>

enum {
    LABEL_HEIGHT = 20,
    COLUMN_HEIGHT = 90,
    GAP = 14,
    COLUMN_COUNT_MAX = 100,
    MS_PER_SECOND = 1000,
};

/* The reads of each lane in each column; a part of one where a look lies in several columns. */
struct columns {
    double *reads; /* [column * lane_count + lane] */
    size_t count;
    size_t lane_count;
    int64_t width_ms;
    double highest;
};

static size_t lane_of(const struct lane *lanes, size_t count, const struct observed_use *use)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(lanes[i].table, use->table) == 0 && strcmp(lanes[i].index, use->index) == 0) {
            return i;
        }
    }
    return count;
}

/* A second, or so many that not too many columns are needed. */
static int64_t column_width_ms(int64_t duration_ms)
{
    int64_t seconds = duration_ms / COLUMN_COUNT_MAX / MS_PER_SECOND + 1;
    return seconds * MS_PER_SECOND;
}

/* Spreads what was read between two looks evenly over the time between them. */
static void add_use(struct columns *columns, size_t lane, const struct observed_use *use)
{
    int64_t length_ms = use->to_ms > use->from_ms ? use->to_ms - use->from_ms : 1;
    for (size_t column = 0; column < columns->count; column++) {
        int64_t from_ms = (int64_t)column * columns->width_ms;
        int64_t to_ms = from_ms + columns->width_ms;
        from_ms = from_ms > use->from_ms ? from_ms : use->from_ms;
        to_ms = to_ms < use->from_ms + length_ms ? to_ms : use->from_ms + length_ms;
        if (to_ms > from_ms) {
            columns->reads[column * columns->lane_count + lane] +=
                (double)use->reads * (double)(to_ms - from_ms) / (double)length_ms;
        }
    }
}

static struct columns fill_columns(struct arena *arena,
                                   const struct run_record *record,
                                   const struct lane *lanes,
                                   size_t lane_count)
{
    struct columns columns = {
        .lane_count = lane_count,
        .width_ms = column_width_ms(record->duration_ms),
    };
    columns.count = (size_t)(record->duration_ms / columns.width_ms) + 1;
    columns.reads = arena_alloc_zero(arena, columns.count * lane_count * sizeof *columns.reads);
    for (size_t i = 0; i < record->observed.use_count; i++) {
        const struct observed_use *use = &record->observed.uses[i];
        size_t lane = lane_of(lanes, lane_count, use);
        if (lane < lane_count && lanes[lane].index[0] != '\0') {
            add_use(&columns, lane, use);
        }
    }
    for (size_t column = 0; column < columns.count; column++) {
        double sum = 0;
        for (size_t lane = 0; lane < lane_count; lane++) {
            sum += columns.reads[column * lane_count + lane];
        }
        columns.highest = sum > columns.highest ? sum : columns.highest;
    }
    columns.highest =
        (double)(int64_t)(columns.highest + 0.999); /* the scale ends at a whole one */
    return columns;
}

struct chart {
    struct buffer *to;
    const struct lane *lanes;
    const struct columns *columns;
    const struct chart_place *place;
    double floor; /* y of no reads */
};

static void draw_column(const struct chart *chart, size_t column)
{
    const struct columns *columns = chart->columns;
    int64_t from_ms = (int64_t)column * columns->width_ms;
    double x = scale_x(&chart->place->scale, from_ms);
    double width = scale_x(&chart->place->scale, from_ms + columns->width_ms) - x - 1;
    double right = chart->place->scale.left + chart->place->scale.width;
    width = x + width > right ? right - x : width;
    double y = chart->floor;
    for (size_t lane = 0; lane < columns->lane_count; lane++) {
        double reads = columns->reads[column * columns->lane_count + lane];
        double height = COLUMN_HEIGHT * reads / columns->highest;
        if (reads <= 0) {
            continue;
        }
        y -= height;
        buffer_append_format(chart->to,
                             "<rect class=\"hue-%zu\" x=\"%.1f\" y=\"%.1f\" "
                             "width=\"%.1f\" height=\"%.1f\"><title>",
                             chart->lanes[lane].hue % CHART_HUE_COUNT, x, y, width < 1 ? 1 : width,
                             height);
        report_append_xml_text(chart->to, bytes_of_text(chart->lanes[lane].index));
        buffer_append_format(chart->to, ": %.3g reads, from second %lld on</title></rect>\n", reads,
                             (long long)(from_ms / MS_PER_SECOND));
    }
}

/* The colours with their names and sums, from the right edge on. */
static void draw_legend(const struct chart *chart)
{
    double x = chart->place->scale.left;
    buffer_append_format(chart->to, "<text class=\"index\" x=\"%.1f\" y=\"%.1f\">reads through", x,
                         chart->place->y + 14);
    const char *before = " ";
    for (size_t i = 0; i < chart->columns->lane_count; i++) {
        const struct lane *lane = &chart->lanes[i];
        if (lane->index[0] != '\0' && lane->reads > 0) {
            buffer_append_format(chart->to, "%s<tspan class=\"hue-%zu\">\xE2\x96\xA0</tspan> ",
                                 before, lane->hue % CHART_HUE_COUNT);
            report_append_xml_text(chart->to, bytes_of_text(lane->index));
            buffer_append_format(chart->to, " (%lld)", (long long)lane->reads);
            before = ", ";
        }
    }
    buffer_append_text(chart->to, "</text>\n");
}

double chart_append(struct buffer *to,
                    const struct run_record *record,
                    const struct lane *lanes,
                    size_t lane_count,
                    const struct chart_place *place)
{
    struct arena arena;
    arena_init(&arena);
    struct columns columns = fill_columns(&arena, record, lanes, lane_count);
    struct chart chart = {
        .to = to,
        .lanes = lanes,
        .columns = &columns,
        .place = place,
        .floor = place->y + LABEL_HEIGHT + COLUMN_HEIGHT,
    };
    double height = 0;
    if (columns.highest > 0) {
        double right = place->scale.left + place->scale.width;
        draw_legend(&chart);
        buffer_append_format(to,
                             "<path class=\"floor\" d=\"M%.1f %.1fH%.1fM%.1f %.1fH%.1f\"/>\n"
                             "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">"
                             "%.0f in %lld s</text>\n",
                             place->scale.left, chart.floor, right, place->scale.left,
                             chart.floor - COLUMN_HEIGHT, right, right,
                             chart.floor - COLUMN_HEIGHT - 4, columns.highest,
                             (long long)(columns.width_ms / MS_PER_SECOND));
        for (size_t column = 0; column < columns.count; column++) {
            draw_column(&chart, column);
        }
        height = LABEL_HEIGHT + COLUMN_HEIGHT + GAP;
    }
    arena_deinit(&arena);
    return height;
}
