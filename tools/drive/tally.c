#include "tools/drive/tally.h"

#include "tools/process.h"

#include <stdio.h>
#include <string.h>

const char *request_name(enum request_kind kind)
{
    static const char *const names[] = {
        [REQUEST_PUT] = "PutItem", [REQUEST_UPDATE] = "UpdateItem", [REQUEST_DELETE] = "DeleteItem",
        [REQUEST_GET] = "GetItem", [REQUEST_QUERY] = "Query",
    };
    return names[kind];
}

void tally_init(struct tally *tally, const char *const *allowed, size_t allowed_count)
{
    *tally = (struct tally){ .began_ms = process_now_ms(),
                             .allowed = allowed,
                             .allowed_count = allowed_count };
    (void)pthread_mutex_init(&tally->lock, NULL);
}

void tally_deinit(struct tally *tally)
{
    (void)pthread_mutex_destroy(&tally->lock);
}

/* ---- requests ---- */

static bool is_allowed(const struct tally *tally, const char *code)
{
    for (size_t i = 0; i < tally->allowed_count; i++) {
        if (strcmp(tally->allowed[i], code) == 0) {
            return true;
        }
    }
    return false;
}

static struct refusal *find_refusal(struct tally *tally, const struct outcome *outcome)
{
    const char *index = outcome->index != NULL ? outcome->index : "";
    for (size_t i = 0; i < tally->refusal_count; i++) {
        struct refusal *refusal = &tally->refusals[i];
        if (refusal->kind == outcome->kind && strcmp(refusal->code, outcome->code) == 0 &&
            strcmp(refusal->index, index) == 0) {
            return refusal;
        }
    }
    if (tally->refusal_count == REFUSALS_MAX) {
        return NULL; /* counted, though not told by itself */
    }
    struct refusal *refusal = &tally->refusals[tally->refusal_count++];
    refusal->kind = outcome->kind;
    refusal->is_allowed = is_allowed(tally, outcome->code);
    (void)snprintf(refusal->index, sizeof refusal->index, "%s", index);
    (void)snprintf(refusal->code, sizeof refusal->code, "%s", outcome->code);
    (void)snprintf(refusal->message, sizeof refusal->message, "%s", outcome->message);
    return refusal;
}

static void add_refusal(struct tally *tally, const struct outcome *outcome)
{
    struct refusal *refusal = find_refusal(tally, outcome);
    if (refusal != NULL) {
        refusal->count++;
    }
    tally->refused += is_allowed(tally, outcome->code) ? 0 : 1;
}

/* When all places are taken the newest gives way: how it began is what a cut-over is about. */
static void add_serving(struct tally *tally, const struct outcome *outcome)
{
    struct serving *serving =
        tally->serving_count > 0 ? &tally->servings[tally->serving_count - 1] : NULL;
    if (serving == NULL || strcmp(serving->index, outcome->index) != 0) {
        bool is_full = tally->serving_count == SERVINGS_MAX;
        tally->servings_dropped += is_full;
        serving = &tally->servings[is_full ? SERVINGS_MAX - 1 : tally->serving_count++];
        *serving = (struct serving){ .from_ms = process_now_ms() - tally->began_ms };
        (void)snprintf(serving->index, sizeof serving->index, "%s", outcome->index);
    }
    serving->to_ms = process_now_ms() - tally->began_ms;
    serving->answered += outcome->code == NULL;
    serving->refused += outcome->code != NULL;
}

void tally_add(struct tally *tally, const struct outcome *outcome)
{
    (void)pthread_mutex_lock(&tally->lock);
    struct request_tally *request = &tally->requests[outcome->kind];
    request->sent++;
    if (outcome->is_answered) {
        histogram_add(&request->latency_us, outcome->took_us);
    }
    if (outcome->code != NULL) {
        request->refused += outcome->is_answered;
        request->unanswered += !outcome->is_answered;
        add_refusal(tally, outcome);
    }
    if (outcome->kind == REQUEST_QUERY) {
        add_serving(tally, outcome);
    }
    (void)pthread_mutex_unlock(&tally->lock);
}

/* ---- what reads found ---- */

void tally_add_finding(struct tally *tally, const struct finding *finding)
{
    (void)pthread_mutex_lock(&tally->lock);
    tally->found[finding->kind]++;
    if (tally->finding_count < FINDINGS_MAX) {
        tally->findings[tally->finding_count] = *finding;
        tally->findings[tally->finding_count].at_ms = process_now_ms() - tally->began_ms;
        tally->finding_count++;
    }
    (void)pthread_mutex_unlock(&tally->lock);
}

void tally_add_behind(struct tally *tally, int64_t age_ms)
{
    (void)pthread_mutex_lock(&tally->lock);
    histogram_add(&tally->behind_ms, age_ms);
    (void)pthread_mutex_unlock(&tally->lock);
}

struct tally_glance tally_glance(struct tally *tally)
{
    struct tally_glance glance = { .sent = 0 };
    (void)pthread_mutex_lock(&tally->lock);
    for (size_t i = 0; i < REQUEST_KINDS; i++) {
        glance.sent += tally->requests[i].sent;
        glance.refused += tally->requests[i].refused + tally->requests[i].unanswered;
    }
    glance.lost = tally->found[FINDING_LOST] + tally->found[FINDING_UNEXPECTED];
    glance.stale = tally->found[FINDING_STALE];
    (void)pthread_mutex_unlock(&tally->lock);
    return glance;
}
