#include "tools/report/lanes.h"

#include "storage/base/arena.h"

#include <stdbool.h>
#include <string.h>

static struct lane *find_lane(const struct list *lanes, const char *table, const char *index)
{
    struct lane *all = lanes->elements;
    for (size_t i = 0; i < lanes->count; i++) {
        if (strcmp(all[i].table, table) == 0 && strcmp(all[i].index, index) == 0) {
            return &all[i];
        }
    }
    return NULL;
}

/* Behind the last lane of its table. */
static void
insert_lane(struct arena *arena, struct list *lanes, const char *table, const char *index)
{
    size_t place = lanes->count;
    size_t hue = 0;
    struct lane *all = lanes->elements;
    for (size_t i = 0; i < lanes->count; i++) {
        if (strcmp(all[i].table, table) == 0) {
            place = i + 1;
            hue += all[i].index[0] != '\0' ? 1 : 0;
        }
    }
    (void)list_append(arena, lanes, sizeof(struct lane));
    all = lanes->elements;
    memmove(&all[place + 1], &all[place], (lanes->count - 1 - place) * sizeof *all);
    all[place] = (struct lane){ .table = table, .index = index, .hue = hue };
}

static void need_lane(struct arena *arena, struct list *lanes, const char *table, const char *index)
{
    if (table[0] != '\0' && find_lane(lanes, table, "") == NULL) {
        insert_lane(arena, lanes, table, "");
    }
    if (table[0] != '\0' && find_lane(lanes, table, index) == NULL) {
        insert_lane(arena, lanes, table, index);
    }
}

/* The last span ends at `at_ms`; one that has no width was none. */
static void end_span(struct lane *lane, int64_t at_ms)
{
    struct lane_span *spans = lane->spans.elements;
    if (lane->spans.count > 0 && spans[lane->spans.count - 1].to_ms < 0) {
        spans[lane->spans.count - 1].to_ms = at_ms;
        lane->spans.count -= spans[lane->spans.count - 1].from_ms == at_ms ? 1 : 0;
    }
}

static void take_state(struct arena *arena, struct lane *lane, const struct observed_event *event)
{
    end_span(lane, event->at_ms);
    if (event->state[0] != '\0') {
        struct lane_span *span = list_append(arena, &lane->spans, sizeof *span);
        *span = (struct lane_span){ .from_ms = event->at_ms, .to_ms = -1, .state = event->state };
    }
}

/* A table takes its indexes with it. */
static void end_indexes(struct list *lanes, const struct observed_event *event)
{
    struct lane *all = lanes->elements;
    for (size_t i = 0; i < lanes->count; i++) {
        if (strcmp(all[i].table, event->table) == 0) {
            end_span(&all[i], event->at_ms);
        }
    }
}

static void take_event(struct arena *arena, struct list *lanes, const struct observed_event *event)
{
    struct lane *lane = find_lane(lanes, event->table, event->index);
    if (event->kind == OBSERVED_STATE) {
        take_state(arena, lane, event);
        if (event->state[0] == '\0' && event->index[0] == '\0') {
            end_indexes(lanes, event);
        }
    } else if (!event->is_before_run) {
        const struct observed_event **mark =
            list_append(arena, &lane->marks, sizeof(const struct observed_event *));
        *mark = event;
    }
}

static bool is_drawn(const struct observed_event *event)
{
    return event->table[0] != '\0' &&
           (event->kind == OBSERVED_STATE ||
            ((event->kind == OBSERVED_REFUSAL || event->kind == OBSERVED_FAULT) &&
             !event->is_before_run));
}

/* What was over before the run began is of no interest. */
static void drop_empty_lanes(struct list *lanes)
{
    struct lane *all = lanes->elements;
    size_t kept = 0;
    for (size_t i = 0; i < lanes->count; i++) {
        if (all[i].spans.count > 0 || all[i].marks.count > 0 || all[i].reads > 0) {
            all[kept++] = all[i];
        }
    }
    lanes->count = kept;
}

struct list lanes_of(struct arena *arena, const struct run_record *record)
{
    const struct observed *observed = &record->observed;
    struct list lanes = { .count = 0 };
    for (size_t i = 0; i < observed->event_count; i++) {
        if (is_drawn(&observed->events[i])) {
            need_lane(arena, &lanes, observed->events[i].table, observed->events[i].index);
        }
    }
    for (size_t i = 0; i < observed->use_count; i++) {
        const struct observed_use *use = &observed->uses[i];
        need_lane(arena, &lanes, use->table, use->index);
        find_lane(&lanes, use->table, use->index)->reads += use->reads;
    }
    for (size_t i = 0; i < observed->event_count; i++) {
        if (is_drawn(&observed->events[i])) {
            take_event(arena, &lanes, &observed->events[i]);
        }
    }
    struct lane *all = lanes.elements;
    for (size_t i = 0; i < lanes.count; i++) {
        end_span(&all[i], record->duration_ms);
    }
    drop_empty_lanes(&lanes);
    return lanes;
}
