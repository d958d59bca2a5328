#include "tools/plan/sequence.h"

#include "storage/base/arena.h"
#include "storage/base/bytes.h"
#include "tools/plan/settle.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { STEM_LENGTH_MAX = 250 }; /* a name has 255 letters at most */

/* An index to delete, one to create, or the second in place of the first. */
struct job {
    const struct index_definition *old;    /* NULL: none */
    const struct index_definition *wanted; /* NULL: none */
    struct index_definition successor;     /* `wanted` under the name it gets first */
    bool is_created;
    bool is_deleted;
};

struct planning {
    struct arena *arena;
    const struct table_definition *from;
    const struct table_definition *goal;
    const struct sequence_options *options;
    const struct table_definition *current;
    const struct table_definition *next; /* what the next deployment begins with, settings done */
    struct job *jobs;
    size_t job_count;
    struct sequence *out;
};

/* ---- names ---- */

static bool is_taken(const struct planning *planning, const char *name)
{
    for (size_t i = 0; i < planning->job_count; i++) {
        const struct job *job = &planning->jobs[i];
        if (job->wanted != NULL && strcmp(job->successor.name, name) == 0) {
            return true;
        }
    }
    return definition_find_index(&planning->from->global_indexes, name) != NULL ||
           definition_find_index(&planning->goal->global_indexes, name) != NULL ||
           definition_find_index(&planning->from->local_indexes, name) != NULL;
}

/* "name-v2", "name-v3", …; after "name-v2" comes "name-v3". */
static const char *free_name(const struct planning *planning, const char *name)
{
    const struct sequence_options *options = planning->options;
    for (size_t i = 0; i < options->new_name_count; i++) {
        if (strcmp(options->new_names[i].name, name) == 0) {
            return options->new_names[i].value;
        }
    }
    size_t stem = strlen(name);
    while (stem > 0 && isdigit((unsigned char)name[stem - 1])) {
        stem--;
    }
    long version = strtol(name + stem, NULL, 10);
    if (stem < 3 || name[stem] == '\0' || strncmp(name + stem - 2, "-v", 2) != 0 || version < 1 ||
        version > 999) {
        stem = strlen(name);
        version = 1;
    } else {
        stem -= 2;
    }
    stem = stem < STEM_LENGTH_MAX ? stem : STEM_LENGTH_MAX;
    for (;;) {
        struct buffer text;
        buffer_init(&text, planning->arena, 64);
        buffer_append(&text, name, stem);
        buffer_append_format(&text, "-v%ld", ++version);
        const char *candidate = bytes_to_text(planning->arena, buffer_view(&text));
        if (!is_taken(planning, candidate)) {
            return candidate;
        }
    }
}

/* ---- what fits ---- */

/* Whether a key of `index` is a key elsewhere in `table` with another type. */
static bool types_conflict(const struct table_definition *table,
                           const struct index_definition *index)
{
    for (size_t i = 0; i < index->key_schema.count; i++) {
        const struct key_element *key = &index->key_schema.elements[i];
        const char *type = definition_attribute_type(table, key->attribute);
        if (type != NULL && strcmp(type, key->type) != 0) {
            return true;
        }
    }
    return false;
}

static bool has_room(const struct table_definition *table, const struct index_definition *index)
{
    return table->global_indexes.count < GLOBAL_INDEX_COUNT_MAX &&
           definition_projected_count(table) + index->projection.attribute_count <=
               PROJECTED_COUNT_MAX;
}

static bool fits(const struct planning *planning, const struct index_definition *index)
{
    return has_room(planning->current, index) && !types_conflict(planning->current, index) &&
           definition_find_index(&planning->current->global_indexes, index->name) == NULL;
}

/* Whether `old` is in the way of `index`: any is when there is no room, else by its keys. */
static bool blocks(const struct planning *planning,
                   const struct index_definition *old,
                   const struct index_definition *index)
{
    if (!has_room(planning->current, index)) {
        return true;
    }
    struct table_definition alone = { .global_indexes = { .count = 1 } };
    struct index_definition copy = *old;
    alone.global_indexes.items = &copy;
    return types_conflict(&alone, index);
}

/* ---- deployments ---- */

static struct deployment *
deploy(struct planning *planning, enum deployment_kind kind, const struct table_definition *after)
{
    struct deployment *deployment = &planning->out->deployments[planning->out->count++];
    *deployment = (struct deployment){
        .kind = kind,
        .before = planning->current,
        .after = after,
        .has_settings = settle_has_changes(planning->current, after),
    };
    planning->current = after;
    planning->next = after;
    return deployment;
}

static void
create_index(struct planning *planning, const struct index_definition *index, const char *partner)
{
    struct table_definition *after = definition_copy(planning->arena, planning->next);
    definition_add_index(after, index);
    struct deployment *deployment = deploy(planning, DEPLOYMENT_CREATE_INDEX, after);
    deployment->index = index->name;
    deployment->partner = partner;
}

static void delete_index(struct planning *planning, const char *name, const char *partner)
{
    struct table_definition *after = definition_copy(planning->arena, planning->next);
    definition_remove_index(after, name);
    struct deployment *deployment = deploy(planning, DEPLOYMENT_DELETE_INDEX, after);
    deployment->index = name;
    deployment->partner = partner;
}

static void create_successor(struct planning *planning, struct job *job)
{
    create_index(planning, &job->successor,
                 job->old != NULL && !job->is_deleted ? job->old->name : NULL);
    job->is_created = true;
}

static void delete_old(struct planning *planning, struct job *job)
{
    delete_index(planning, job->old->name, job->is_created ? job->successor.name : NULL);
    planning->out->deployments[planning->out->count - 1].leaves_readers =
        job->wanted != NULL && !job->is_created;
    job->is_deleted = true;
    if (!job->is_created && job->wanted != NULL) {
        job->successor.name = job->wanted->name; /* its own name is free now */
    }
}

/* ---- jobs ---- */

static bool is_reshaped(const struct index_definition *old, const struct index_definition *wanted)
{
    return !key_schema_equal(&old->key_schema, &wanted->key_schema) ||
           !projection_equal(&old->projection, &wanted->projection);
}

static void add_job(struct planning *planning,
                    const struct index_definition *old,
                    const struct index_definition *wanted)
{
    struct job *job = &planning->jobs[planning->job_count];
    *job = (struct job){ .old = old, .wanted = wanted };
    if (wanted != NULL) {
        job->successor = *wanted;
        if (old != NULL && strcmp(old->name, wanted->name) == 0) {
            job->successor.name = free_name(planning, wanted->name);
        }
    }
    planning->job_count++;
}

/* A removed index whose readers an added one can serve, because it has the same keys. */
static const struct index_definition *find_predecessor(const struct planning *planning,
                                                       const struct index_definition *wanted)
{
    const struct index_list *list = &planning->from->global_indexes;
    for (size_t i = 0; i < list->count; i++) {
        const struct index_definition *old = &list->items[i];
        bool is_free = definition_find_index(&planning->goal->global_indexes, old->name) == NULL;
        for (size_t j = 0; j < planning->job_count; j++) {
            is_free = is_free && planning->jobs[j].old != old;
        }
        if (is_free && key_schema_equal(&old->key_schema, &wanted->key_schema)) {
            return old;
        }
    }
    return NULL;
}

static void list_jobs(struct planning *planning)
{
    const struct index_list *from = &planning->from->global_indexes;
    const struct index_list *goal = &planning->goal->global_indexes;
    for (size_t i = 0; i < goal->count; i++) {
        const struct index_definition *wanted = &goal->items[i];
        const struct index_definition *old = definition_find_index(from, wanted->name);
        if (old == NULL) {
            add_job(planning, find_predecessor(planning, wanted), wanted);
        } else if (is_reshaped(old, wanted)) {
            add_job(planning, old, wanted);
        }
    }
    for (size_t i = 0; i < from->count; i++) {
        bool has_job = definition_find_index(goal, from->items[i].name) != NULL;
        for (size_t j = 0; j < planning->job_count; j++) {
            has_job = has_job || planning->jobs[j].old == &from->items[i];
        }
        if (!has_job) {
            add_job(planning, &from->items[i], NULL);
        }
    }
}

static bool is_pending(const struct job *job)
{
    return job->wanted != NULL && !job->is_created;
}

static struct job *find_creatable(struct planning *planning)
{
    for (size_t i = 0; i < planning->job_count; i++) {
        struct job *job = &planning->jobs[i];
        if (is_pending(job) && fits(planning, &job->successor)) {
            return job;
        }
    }
    return NULL;
}

/* How much a deletion costs: 0 readers have moved, 1 nobody takes them over, 2 they must wait. */
static int cost_of_deletion(const struct job *job)
{
    return job->is_created ? 0 : job->wanted == NULL ? 1 : 2;
}

/* The cheapest deletion that makes room for the first index that waits; NULL: there is none. */
static struct job *find_blocking(struct planning *planning)
{
    const struct job *waiting = NULL;
    for (size_t i = 0; i < planning->job_count && waiting == NULL; i++) {
        waiting = is_pending(&planning->jobs[i]) ? &planning->jobs[i] : NULL;
    }
    struct job *best = NULL;
    for (size_t i = 0; i < planning->job_count && waiting != NULL; i++) {
        struct job *job = &planning->jobs[i];
        if (job->old == NULL || job->is_deleted ||
            !blocks(planning, job->old, &waiting->successor)) {
            continue;
        }
        int cost = cost_of_deletion(job);
        bool is_better = best == NULL || cost < cost_of_deletion(best) ||
                         (cost == cost_of_deletion(best) && job == waiting);
        best = is_better ? job : best;
    }
    return best;
}

/* ---- the parts of a sequence ---- */

/* Creations first; a deletion only when no creation is possible. False: neither is. */
static bool build_indexes(struct planning *planning)
{
    for (;;) {
        struct job *job = find_creatable(planning);
        if (job != NULL) {
            create_successor(planning, job);
            continue;
        }
        job = find_blocking(planning);
        if (job != NULL) {
            delete_old(planning, job);
            continue;
        }
        for (size_t i = 0; i < planning->job_count; i++) {
            if (is_pending(&planning->jobs[i])) {
                return false;
            }
        }
        return true;
    }
}

static void delete_rest(struct planning *planning)
{
    for (size_t i = 0; i < planning->job_count; i++) {
        struct job *job = &planning->jobs[i];
        if (job->old != NULL && !job->is_deleted && !is_pending(job)) {
            delete_old(planning, job);
        }
    }
}

/* The old names again, each by way of one more index. False: there is no room for it. */
static bool restore_names(struct planning *planning)
{
    bool is_done = true;
    for (size_t i = 0; i < planning->job_count; i++) {
        const struct job *job = &planning->jobs[i];
        if (!job->is_created || strcmp(job->successor.name, job->wanted->name) == 0) {
            continue;
        }
        if (!fits(planning, job->wanted)) {
            is_done = false;
            continue;
        }
        create_index(planning, job->wanted, job->successor.name);
        delete_index(planning, job->successor.name, job->wanted->name);
    }
    return is_done;
}

/*
 * A switch of the billing mode concerns every index that there is, and CloudFormation's order of
 * calls is not known: it never goes along with an index change.
 */
static bool switches_billing(const struct table_definition *from,
                             const struct table_definition *settled)
{
    return value_is_changed(&from->settings[SETTING_BILLING_MODE],
                            &settled->settings[SETTING_BILLING_MODE]);
}

static void finish_settings(struct planning *planning, bool ttl_waits)
{
    if (planning->next != planning->current) { /* no deployment has taken them along */
        (void)deploy(planning, DEPLOYMENT_SETTINGS, planning->next);
    }
    if (ttl_waits) {
        struct table_definition *after = definition_copy(planning->arena, planning->current);
        after->settings[SETTING_TIME_TO_LIVE] = planning->goal->settings[SETTING_TIME_TO_LIVE];
        deploy(planning, DEPLOYMENT_SETTINGS, after)->awaits_ttl = true;
    }
}

void sequence_find(struct arena *arena,
                   const struct table_definition *from,
                   const struct table_definition *to,
                   const struct sequence_options *options,
                   struct sequence *out)
{
    size_t index_count = from->global_indexes.count + to->global_indexes.count;
    struct planning planning = {
        .arena = arena,
        .from = from,
        .goal = settle_goal(arena, from, to),
        .options = options,
        .current = from,
        .jobs = arena_alloc(arena, (index_count + 1) * sizeof *planning.jobs),
        .out = out,
    };
    /* An index of another shape: create, delete, create and delete; settings twice. */
    *out = (struct sequence){
        .deployments = arena_alloc(arena, (2 * index_count + 4) * 2 * sizeof *out->deployments),
    };
    bool ttl_waits = false;
    const struct table_definition *settled =
        settle_settings(arena, from, planning.goal, &ttl_waits);
    planning.next = settle_has_changes(from, settled) ? settled : from;
    list_jobs(&planning);
    if (planning.job_count > 0 && switches_billing(from, settled)) {
        (void)deploy(&planning, DEPLOYMENT_SETTINGS, settled);
    }
    bool is_built = build_indexes(&planning);
    delete_rest(&planning);
    bool is_named = !options->keeps_names || restore_names(&planning);
    finish_settings(&planning, ttl_waits);
    out->end = planning.current;
    out->is_complete = is_built && is_named && settle_is_complete(planning.goal, to);
}
