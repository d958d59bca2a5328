#include "api/rehearsal/faults.h"

#include "storage/base/arena.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct faults {
    atomic_bool exist; /* so that calls need not lock while there are none */
    pthread_mutex_t lock;
    struct arena arena; /* of the rules */
    struct fault_rule *rules;
    size_t count;
};

struct faults *faults_open(void)
{
    struct faults *faults = calloc(1, sizeof *faults);
    if (faults != NULL) {
        (void)pthread_mutex_init(&faults->lock, NULL);
        arena_init(&faults->arena);
    }
    return faults;
}

void faults_close(struct faults *faults)
{
    (void)pthread_mutex_destroy(&faults->lock);
    arena_deinit(&faults->arena);
    free(faults);
}

static struct fault_rule *
copy_rules(struct arena *arena, const struct fault_rule *rules, size_t count)
{
    struct fault_rule *copies = arena_alloc(arena, count * sizeof *copies);
    for (size_t i = 0; i < count; i++) {
        copies[i] = rules[i];
        copies[i].operation = bytes_copy(arena, rules[i].operation);
        copies[i].table_name = bytes_copy(arena, rules[i].table_name);
        copies[i].index_name = bytes_copy(arena, rules[i].index_name);
        copies[i].access_key_id = bytes_copy(arena, rules[i].access_key_id);
        copies[i].region = bytes_copy(arena, rules[i].region);
    }
    return copies;
}

void faults_replace(struct faults *faults, const struct fault_rule *rules, size_t count)
{
    (void)pthread_mutex_lock(&faults->lock);
    arena_reset(&faults->arena);
    faults->rules = copy_rules(&faults->arena, rules, count);
    faults->count = count;
    for (size_t i = 0; i < count; i++) {
        faults->rules[i].matched = 0;
        faults->rules[i].acted = 0;
    }
    atomic_store(&faults->exist, count > 0);
    (void)pthread_mutex_unlock(&faults->lock);
}

struct fault_rule *faults_copy(struct faults *faults, struct arena *arena, size_t *out_count)
{
    (void)pthread_mutex_lock(&faults->lock);
    struct fault_rule *copies = copy_rules(arena, faults->rules, faults->count);
    *out_count = faults->count;
    (void)pthread_mutex_unlock(&faults->lock);
    return copies;
}

bool faults_exist(struct faults *faults)
{
    return atomic_load_explicit(&faults->exist, memory_order_relaxed);
}

static bool fits(struct bytes named, struct bytes actual)
{
    return named.length == 0 || bytes_equal(named, actual);
}

static bool names_table(const struct targets *targets, struct bytes table_name)
{
    size_t i = 0;
    while (i < targets->count && !bytes_equal(targets->tables[i].table_name, table_name)) {
        i++;
    }
    return i < targets->count;
}

static bool matches(const struct fault_rule *rule, const struct fault_call *call)
{
    return fits(rule->operation, bytes_of_text(call->operation->name)) &&
           (rule->table_name.length == 0 || names_table(call->targets, rule->table_name)) &&
           fits(rule->index_name, call->targets->index_name) &&
           fits(rule->access_key_id, call->access_key_id) && fits(rule->region, call->region);
}

/* Whether the rule, which matches, acts now. */
static bool count_match(struct fault_rule *rule)
{
    rule->matched++;
    if (rule->matched <= rule->countdown ||
        (rule->repeat != FAULT_ALWAYS && rule->acted >= rule->repeat)) {
        return false;
    }
    rule->acted++;
    return true;
}

bool faults_choose(struct faults *faults,
                   const struct fault_call *call,
                   size_t *out_rule,
                   struct fault *out_fault)
{
    bool chosen = false;
    (void)pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; !chosen && i < faults->count; i++) {
        struct fault_rule *rule = &faults->rules[i];
        if (matches(rule, call) && count_match(rule)) {
            chosen = true;
            *out_rule = i;
            *out_fault = rule->fault;
        }
    }
    (void)pthread_mutex_unlock(&faults->lock);
    return chosen;
}
