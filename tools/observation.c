#include "tools/observation.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/process.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    LOOK_EVERY_MS = 1000,
    MS_PER_SECOND = 1000,
    NS_PER_MS = 1000000,
    PAGE_COUNT_MAX = 1000, /* of a timeline, in one look */
    TABLE_COUNT_MAX = 20,  /* each is asked for in every look */
    STATUS_OK = 200,
    STATUS_NOT_FOUND = 404,
};

/* What a table or an index had been read and written in all. */
struct counter {
    const char *table;
    const char *index;
    int64_t reads;
    int64_t writes;
};

static const char *keep_text(struct observation *observation, const char *text)
{
    return bytes_to_text(observation->arena, bytes_of_text(text));
}

static const char *
keep_member(struct observation *observation, const struct cJSON *object, const char *name)
{
    return keep_text(observation, json_text(json_member(object, name), ""));
}

static void note_lack(struct observation *observation, const char *what, const char *why)
{
    struct buffer text;
    buffer_init(&text, observation->arena, 128);
    buffer_append_format(&text, "%s: %s", what, why);
    const char **lack = list_append(observation->arena, &observation->lacks, sizeof(const char *));
    *lack = bytes_to_text(observation->arena, buffer_view(&text));
}

/* GET; NULL when it is not there, in which case that is noted and `flag` cleared. */
static struct cJSON *
ask(struct observation *observation, const char *path, const char *what, bool *flag)
{
    struct control_reply reply =
        control_surface_call(&observation->surface, observation->scratch, "GET", path, NULL);
    if (reply.status != STATUS_OK && *flag) {
        *flag = false;
        note_lack(observation, what,
                  reply.status != 0 ? reply.reason : "the control surface does not answer");
    }
    return reply.tree;
}

/* The path with the names of our world in its query. */
static const char *with_world(struct observation *observation, const char *path)
{
    struct buffer text;
    if (observation->world[0] == '\0') {
        return path;
    }
    buffer_init(&text, observation->scratch, 128);
    buffer_append_format(&text, "%s%c%s", path, strchr(path, '?') != NULL ? '&' : '?',
                         observation->world);
    return bytes_to_text(observation->scratch, buffer_view(&text));
}

static int64_t calendar_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / NS_PER_MS;
}

static int64_t run_time_ms(const struct observation *observation)
{
    return process_now_ms() - observation->began_ms;
}

static void note_table(struct observation *observation, const char *name)
{
    const char **names = observation->tables.elements;
    for (size_t i = 0; i < observation->tables.count; i++) {
        if (strcmp(names[i], name) == 0) {
            return;
        }
    }
    if (name[0] == '\0') {
        return;
    }
    if (observation->tables.count == TABLE_COUNT_MAX) {
        if (!observation->has_too_many_tables) {
            note_lack(observation, "what is left out of indexes of some tables",
                      "there are too many to ask for all");
        }
        observation->has_too_many_tables = true;
        return;
    }
    const char **added =
        list_append(observation->arena, &observation->tables, sizeof(const char *));
    *added = name;
}

static enum observed_kind kind_of(const char *word)
{
    static const struct {
        const char *word;
        enum observed_kind kind;
    } kinds[] = {
        { "CALL", OBSERVED_CALL },
        { "STATE", OBSERVED_STATE },
        { "REFUSAL", OBSERVED_REFUSAL },
        { "FAULT", OBSERVED_FAULT },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].word, word) == 0) {
            return kinds[i].kind;
        }
    }
    return OBSERVED_OTHER;
}

/*
 * When an event was, by our clock: what the server's clock says, as long as that lies between the
 * last look and this one. A rehearsal may move that clock.
 */
static int64_t place_event(const struct observation *observation, const struct cJSON *event)
{
    int64_t told_ms = (int64_t)(json_number(json_member(event, "Time"), 0) * MS_PER_SECOND) -
                      observation->clock_began_ms;
    int64_t now_ms = run_time_ms(observation);
    const struct observed_event *events = observation->events.elements;
    size_t count = observation->events.count;
    int64_t last_ms = count > 0 ? events[count - 1].at_ms : 0;
    last_ms = last_ms > observation->looked_ms ? last_ms : observation->looked_ms;
    told_ms = told_ms < now_ms ? told_ms : now_ms;
    return told_ms > last_ms ? told_ms : last_ms;
}

static void
keep_event(struct observation *observation, const struct cJSON *event, bool is_before_run)
{
    int64_t at_ms = is_before_run ? 0 : place_event(observation, event);
    struct observed_event *kept =
        list_append(observation->arena, &observation->events, sizeof *kept);
    kept->at_ms = at_ms;
    kept->is_before_run = is_before_run;
    kept->word = keep_member(observation, event, "Kind");
    kept->kind = json_member(event, "Setting") == NULL ? kind_of(kept->word) : OBSERVED_OTHER;
    kept->operation = keep_member(observation, event, "Operation");
    kept->table = keep_member(observation, event, "TableName");
    kept->index = keep_member(observation, event, "IndexName");
    kept->state = keep_member(observation, event, "To");
    kept->error = keep_member(observation, event, "Error");
    kept->message = keep_member(observation, event, "Message");
    note_table(observation, kept->table);
}

/* One page of the timeline; false: there is no more. */
static bool look_at_page(struct observation *observation, bool is_before_run)
{
    char path[64];
    (void)snprintf(path, sizeof path, "timeline?After=%lld", (long long)observation->next_after);
    struct cJSON *tree = ask(observation, with_world(observation, path),
                             "states over time, reads per index", &observation->has_timeline);
    for (const struct cJSON *event = json_first(json_member(tree, "Events")); event != NULL;
         event = json_next(event)) {
        keep_event(observation, event, is_before_run);
    }
    double last = json_number(json_member(tree, "LastSequence"), (double)observation->next_after);
    observation->next_after = (int64_t)last;
    bool more = json_boolean(json_member(tree, "More"));
    if (json_boolean(json_member(tree, "Truncated")) && !observation->is_truncated) {
        observation->is_truncated = true;
        note_lack(observation, "a part of the timeline", "the server did not keep so many events");
    }
    json_free(tree);
    return more;
}

static void look_at_timeline(struct observation *observation, bool is_before_run)
{
    for (int page = 0; observation->has_timeline && page < PAGE_COUNT_MAX; page++) {
        if (!look_at_page(observation, is_before_run)) {
            return;
        }
    }
}

static struct counter *
find_counter(struct observation *observation, const char *table, const char *index)
{
    struct counter *counters = observation->counters.elements;
    for (size_t i = 0; i < observation->counters.count; i++) {
        if (strcmp(counters[i].table, table) == 0 && strcmp(counters[i].index, index) == 0) {
            return &counters[i];
        }
    }
    struct counter *added = list_append(observation->arena, &observation->counters, sizeof *added);
    added->table = keep_text(observation, table);
    added->index = keep_text(observation, index);
    return added;
}

/* Notes what has been added to a count; one that was reset begins again. */
static void count_use(struct observation *observation, struct counter *now, bool is_before_run)
{
    struct counter *last = find_counter(observation, now->table, now->index);
    int64_t reads = now->reads >= last->reads ? now->reads - last->reads : now->reads;
    int64_t writes = now->writes >= last->writes ? now->writes - last->writes : now->writes;
    last->reads = now->reads;
    last->writes = now->writes;
    if (is_before_run || (reads == 0 && writes == 0)) {
        return;
    }
    const char *table = last->table;
    const char *index = last->index;
    struct observed_use *use = list_append(observation->arena, &observation->uses, sizeof *use);
    *use = (struct observed_use){
        .from_ms = observation->looked_ms,
        .to_ms = run_time_ms(observation),
        .table = table,
        .index = index,
        .reads = reads,
        .writes = writes,
    };
}

/* A table's name as a part of an address; AWS allows none but these characters in it. */
static bool is_table_name(const char *name)
{
    return name[0] != '\0' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") ==
               strlen(name);
}

/* `node` is a table, or an index of it. */
static void look_at_use(struct observation *observation,
                        const struct cJSON *node,
                        const char *table,
                        const char *index,
                        bool is_before_run)
{
    struct counter now = {
        .table = table,
        .index = index,
        .reads = (int64_t)json_number(json_member(node, "Reads"), 0),
        .writes = (int64_t)json_number(json_member(node, "Writes"), 0),
    };
    count_use(observation, &now, is_before_run);
}

/* All tables that are there now, with their uses. */
static void look_at_readers(struct observation *observation, bool is_before_run)
{
    struct cJSON *tree = NULL;
    if (observation->has_readers) {
        tree = ask(observation, with_world(observation, "readers"), "reads per index",
                   &observation->has_readers);
    }
    for (const struct cJSON *table = json_first(json_member(tree, "Tables")); table != NULL;
         table = json_next(table)) {
        const char *name = json_text(json_member(table, "TableName"), "");
        note_table(observation, keep_text(observation, name));
        look_at_use(observation, table, name, "", is_before_run);
        for (const struct cJSON *index = json_first(json_member(table, "Indexes")); index != NULL;
             index = json_next(index)) {
            look_at_use(observation, index, name, json_text(json_member(index, "IndexName"), ""),
                        is_before_run);
        }
    }
    json_free(tree);
}

static void
keep_skip(struct observation *observation, const char *table, const char *index, int64_t item_count)
{
    struct observed_skip *skips = observation->skips.elements;
    for (size_t i = 0; i < observation->skips.count; i++) {
        if (strcmp(skips[i].table, table) == 0 && strcmp(skips[i].index, index) == 0) {
            skips[i].last_count = item_count;
            skips[i].most_count =
                item_count > skips[i].most_count ? item_count : skips[i].most_count;
            return;
        }
    }
    if (item_count == 0) {
        return;
    }
    struct observed_skip *added =
        list_append(observation->arena, &observation->skips, sizeof *added);
    *added = (struct observed_skip){
        .table = keep_text(observation, table),
        .index = keep_text(observation, index),
        .most_count = item_count,
        .last_count = item_count,
    };
}

/* A state that no event of the timeline tells: it was there before the server, or was restored. */
static void suppose_state(struct observation *observation,
                          const char *table,
                          const char *index,
                          const char *state)
{
    const struct observed_event *events = observation->events.elements;
    for (size_t i = observation->events.count; i > 0; i--) {
        const struct observed_event *event = &events[i - 1];
        if (event->kind == OBSERVED_STATE && strcmp(event->table, table) == 0 &&
            strcmp(event->index, index) == 0) {
            if (strcmp(event->state, state) == 0) {
                return;
            }
            break;
        }
    }
    struct observed_event *added =
        list_append(observation->arena, &observation->events, sizeof *added);
    *added = (struct observed_event){
        .kind = OBSERVED_STATE,
        .is_before_run = true,
        .word = "STATE",
        .operation = "",
        .table = keep_text(observation, table),
        .index = keep_text(observation, index),
        .state = keep_text(observation, state),
        .error = "",
        .message = "",
    };
}

static void look_at_table(struct observation *observation, const char *table, bool is_before_run)
{
    char path[512];
    (void)snprintf(path, sizeof path, "tables/%s", table);
    struct control_reply reply = control_surface_call(&observation->surface, observation->scratch,
                                                      "GET", with_world(observation, path), NULL);
    if (is_before_run && reply.tree != NULL) {
        suppose_state(observation, table, "",
                      json_text(json_member(reply.tree, "TableStatus"), ""));
    }
    for (const struct cJSON *index = json_first(json_member(reply.tree, "Indexes")); index != NULL;
         index = json_next(index)) {
        const char *name = json_text(json_member(index, "IndexName"), "");
        const char *phase = json_text(json_member(index, "Phase"), "");
        int64_t skipped = (int64_t)json_number(json_member(index, "ItemsSkipped"), 0);
        if (is_before_run) {
            suppose_state(observation, table, name, phase);
        }
        /* An index that goes loses its entries one by one: then the number means nothing. */
        if (strcmp(phase, "DELETING") != 0) {
            keep_skip(observation, table, name, skipped);
        }
    }
    json_free(reply.tree);
}

static void look(struct observation *observation, bool is_before_run)
{
    if (observation->surface.http == NULL) {
        return;
    }
    look_at_timeline(observation, is_before_run);
    look_at_readers(observation, is_before_run);
    for (size_t i = 0; i < observation->tables.count; i++) {
        const char *table = ((const char *const *)observation->tables.elements)[i];
        if (is_table_name(table)) {
            look_at_table(observation, table, is_before_run);
        }
    }
    observation->looked_ms = run_time_ms(observation);
    arena_reset(observation->scratch);
}

void observation_look(struct observation *observation)
{
    look(observation, false);
}

void observation_tick(struct observation *observation)
{
    if (run_time_ms(observation) - observation->looked_ms >= LOOK_EVERY_MS) {
        look(observation, false);
    }
}

void observation_open(struct observation *observation,
                      struct arena *arena,
                      struct arena *scratch,
                      const char *url,
                      const char *what_it_is)
{
    *observation = (struct observation){
        .arena = arena,
        .scratch = scratch,
        .has_timeline = true,
        .has_readers = true,
        .has_snapshots = true,
        .world = control_surface_world(arena),
        .version = "",
        .profile = "",
    };
    control_surface_open(&observation->surface, url);
    if (url == NULL) {
        note_lack(observation, "states over time, reads per index, snapshots", what_it_is);
    } else {
        bool has_health = true;
        struct cJSON *health = ask(observation, "health", "the server's profile", &has_health);
        observation->version = keep_member(observation, health, "Version");
        observation->profile = keep_member(observation, health, "Profile");
        json_free(health);
        if (has_health) {
            look(observation, true);
        }
    }
    observation->began_ms = process_now_ms();
    observation->clock_began_ms = calendar_now_ms();
    observation->looked_ms = 0;
}

void observation_close(struct observation *observation)
{
    control_surface_close(&observation->surface);
}

bool observation_take_snapshot(struct observation *observation,
                               const char *name,
                               const char **out_wrong)
{
    char body[128];
    if (observation->surface.http == NULL || !observation->has_snapshots) {
        return true;
    }
    (void)snprintf(body, sizeof body, "{\"Name\":\"%.64s\",\"Replace\":true}", name);
    struct control_reply reply = control_surface_call(&observation->surface, observation->scratch,
                                                      "POST", "snapshots", body);
    json_free(reply.tree);
    if (reply.status == STATUS_NOT_FOUND) {
        observation->has_snapshots = false;
        note_lack(observation, "snapshots", reply.reason);
        return true;
    }
    if (reply.status != STATUS_OK) {
        *out_wrong = keep_text(observation, reply.reason);
    }
    return reply.status == STATUS_OK;
}

/* The tables have other states now than those told of. */
static void begin_anew(struct observation *observation)
{
    look(observation, true);
}

enum observation_restore observation_restore_snapshot(struct observation *observation,
                                                      const char *name,
                                                      const char **out_wrong)
{
    char path[128];
    if (observation->surface.http == NULL) {
        *out_wrong = "there is no control surface";
        return OBSERVATION_NO_SNAPSHOT;
    }
    (void)snprintf(path, sizeof path, "snapshots/%.64s/restore", name);
    struct control_reply reply =
        control_surface_call(&observation->surface, observation->scratch, "POST", path, "{}");
    json_free(reply.tree);
    if (reply.status == STATUS_OK) {
        begin_anew(observation);
        return OBSERVATION_RESTORED;
    }
    *out_wrong = keep_text(observation, reply.reason);
    bool unknown =
        reply.status == STATUS_NOT_FOUND || strcmp(reply.error, "ResourceNotFoundException") == 0;
    return unknown ? OBSERVATION_NO_SNAPSHOT : OBSERVATION_NOT_RESTORED;
}

struct observed observation_result(const struct observation *observation)
{
    return (struct observed){
        .version = observation->version,
        .profile = observation->profile,
        .events = observation->events.elements,
        .event_count = observation->events.count,
        .uses = observation->uses.elements,
        .use_count = observation->uses.count,
        .skips = observation->skips.elements,
        .skip_count = observation->skips.count,
        .lacks = observation->lacks.elements,
        .lack_count = observation->lacks.count,
    };
}
