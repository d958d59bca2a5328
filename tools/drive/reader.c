#include "tools/drive/reader.h"

#include "tools/client/json.h"
#include "tools/drive/request.h"
#include "tools/process.h"

#include <stdio.h>

/* ---- what was seen ---- */

static struct finding finding_of(enum finding_kind kind,
                                 const struct owned_item *owned,
                                 const struct ledger_write *missed,
                                 struct sight sight)
{
    struct finding finding = { .kind = kind,
                               .number = owned->identity.number,
                               .seen_is_there = sight.is_there,
                               .seen_version = sight.version };
    if (missed != NULL) {
        finding.version = missed->version;
        finding.is_deleted = missed->plan == NULL;
        finding.age_ms = process_now_ms() - missed->acknowledged_ms;
    }
    return finding;
}

void reader_check_item(struct drive *drive, struct owned_item *owned, const struct cJSON *item)
{
    const struct item_plan *plan = table_watch_view(drive->watch)->plan;
    struct sight sight = { .is_there = item != NULL,
                           .version = item != NULL ? item_plan_version(plan, item) : 0 };
    struct judgement judgement = ledger_judge(&owned->ledger, NULL, sight);
    if (judgement.verdict == SIGHT_CURRENT) {
        return;
    }
    enum finding_kind kind = judgement.verdict == SIGHT_BEHIND ? FINDING_LOST : FINDING_UNEXPECTED;
    struct finding finding = finding_of(kind, owned, judgement.missed, sight);
    tally_add_finding(&drive->tally, &finding);
    ledger_accept(&owned->ledger, sight, process_now_ms());
}

static bool is_worse(const struct judgement *one, const struct entries_check *than)
{
    if (one->verdict == SIGHT_BEHIND && than->verdict == SIGHT_BEHIND) {
        return one->missed->acknowledged_ms < than->missed->acknowledged_ms;
    }
    return one->verdict > than->verdict;
}

struct entries_check reader_check_entries(const struct owned_item *owned,
                                          const struct item_plan *plan,
                                          const struct index_shape *index,
                                          const struct cJSON *entries)
{
    const struct cJSON *entry = json_first(entries);
    struct entries_check check = { .verdict = SIGHT_CURRENT };
    do { /* once for none; two when an entry is on its way from one sort key to another */
        struct sight sight = { .is_there = entry != NULL,
                               .version = entry != NULL ? item_plan_version(plan, entry) : 0 };
        struct judgement judgement = ledger_judge(&owned->ledger, index, sight);
        if (is_worse(&judgement, &check)) {
            check = (struct entries_check){ judgement.verdict, sight, judgement.missed };
        }
        entry = entry != NULL ? json_next(entry) : NULL;
    } while (entry != NULL);
    return check;
}

void reader_note_entries(struct drive *drive,
                         const struct owned_item *owned,
                         const char *index,
                         const struct entries_check *check,
                         int64_t age_ms)
{
    enum finding_kind kind = check->verdict == SIGHT_BEHIND ? FINDING_STALE : FINDING_UNEXPECTED;
    struct finding finding = finding_of(kind, owned, check->missed, check->sight);
    finding.age_ms = age_ms;
    (void)snprintf(finding.index, sizeof finding.index, "%s", index);
    tally_add_finding(&drive->tally, &finding);
}

/* ---- reading ---- */

static void read_item(struct drive *drive,
                      struct dynamodb_client *client,
                      struct arena *arena,
                      struct owned_item *owned)
{
    struct dynamodb_reply reply;
    struct item_request request = { .table = drive->table,
                                    .plan = table_watch_view(drive->watch)->plan,
                                    .item = owned->identity };
    if (request_send(&drive->tally, client, arena, (struct outcome){ .kind = REQUEST_GET },
                     request_get_body(arena, &request), &reply) == ANSWER_DONE) {
        reader_check_item(drive, owned, json_member(reply.json, "Item"));
    }
    dynamodb_reply_free(&reply);
}

static void query_entries(struct drive *drive,
                          struct dynamodb_client *client,
                          struct arena *arena,
                          const struct owned_item *owned,
                          const char *name)
{
    const struct table_view *view = table_watch_view(drive->watch);
    const struct index_shape *index = table_shape_find(&view->shape, name);
    struct item_request request = { .table = drive->table,
                                    .plan = view->plan,
                                    .item = owned->identity };
    struct bytes body =
        request_query_body(arena, &request, name, index != NULL ? index : &view->shape.self);
    struct dynamodb_reply reply;
    int64_t sent_ms = process_now_ms();
    enum answer answer =
        request_send(&drive->tally, client, arena,
                     (struct outcome){ .kind = REQUEST_QUERY, .index = name }, body, &reply);
    if (answer == ANSWER_DONE && index != NULL) {
        struct entries_check check =
            reader_check_entries(owned, view->plan, index, json_member(reply.json, "Items"));
        int64_t age_ms = check.missed != NULL ? sent_ms - check.missed->acknowledged_ms : 0;
        if (check.verdict == SIGHT_BEHIND) {
            tally_add_behind(&drive->tally, age_ms);
        }
        if (check.verdict == SIGHT_UNEXPECTED || age_ms > drive->max_lag_ms) {
            reader_note_entries(drive, owned, name, &check, age_ms);
        }
    }
    dynamodb_reply_free(&reply);
}

void reader_read(struct drive *drive,
                 struct dynamodb_client *client,
                 struct arena *arena,
                 uint64_t chance)
{
    struct owned_item *owned = item_pool_take(drive->pool, chance);
    if (owned == NULL) {
        return; /* nothing is written yet, or others have them all */
    }
    char name[INDEX_NAME_SIZE];
    if (read_index_name(drive->read_index, name) && chance % 4 != 0) {
        query_entries(drive, client, arena, owned, name);
    } else {
        read_item(drive, client, arena, owned);
    }
    item_pool_give_back(drive->pool, owned);
}
