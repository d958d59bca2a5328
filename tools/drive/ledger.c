#include "tools/drive/ledger.h"

#include <assert.h>
#include <string.h>

void ledger_init(struct ledger *ledger, int64_t now_ms)
{
    *ledger = (struct ledger){ .count = 1 };
    ledger->writes[0] = (struct ledger_write){ .acknowledged_ms = now_ms, .is_acknowledged = true };
}

static struct ledger_write *last(struct ledger *ledger)
{
    return &ledger->writes[ledger->count - 1];
}

const struct ledger_write *ledger_last(const struct ledger *ledger)
{
    return &ledger->writes[ledger->count - 1];
}

const struct ledger_write *ledger_begin(struct ledger *ledger, const struct item_plan *plan)
{
    if (!last(ledger)->is_acknowledged) {
        return last(ledger);
    }
    if (ledger->count == LEDGER_WRITES) {
        ledger->count--;
        memmove(ledger->writes, ledger->writes + 1, ledger->count * sizeof *ledger->writes);
    }
    ledger->writes[ledger->count++] =
        (struct ledger_write){ .version = ++ledger->version, .plan = plan };
    return last(ledger);
}

void ledger_acknowledge(struct ledger *ledger, int64_t now_ms)
{
    assert(!last(ledger)->is_acknowledged);
    last(ledger)->is_acknowledged = true;
    last(ledger)->acknowledged_ms = now_ms;
}

void ledger_refuse(struct ledger *ledger)
{
    assert(!last(ledger)->is_acknowledged);
    if (!last(ledger)->may_be_done) {
        ledger->count--;
    }
}

void ledger_leave_open(struct ledger *ledger, int64_t now_ms)
{
    assert(!last(ledger)->is_acknowledged);
    last(ledger)->may_be_done = true;
    ledger->unknown_ms = now_ms;
}

/* ---- reading ---- */

static bool
agrees(const struct ledger_write *write, const struct index_shape *index, struct sight sight)
{
    bool is_there = write->plan != NULL && (index == NULL || item_plan_covers(write->plan, index));
    if (!is_there || !sight.is_there) {
        return is_there == sight.is_there;
    }
    return sight.version == DRIVE_VERSION_UNKNOWN || sight.version == write->version;
}

struct judgement
ledger_judge(const struct ledger *ledger, const struct index_shape *index, struct sight sight)
{
    size_t next = ledger->count; /* behind the newest write that leaves what was seen */
    while (next > 0 && !agrees(&ledger->writes[next - 1], index, sight)) {
        next--;
    }
    bool is_new = ledger->version == 0 || sight.version > ledger_last(ledger)->version;
    if (next == 0 && sight.is_there && is_new) {
        return (struct judgement){ .verdict = SIGHT_UNEXPECTED };
    }
    for (size_t i = next; i < ledger->count; i++) {
        if (ledger->writes[i].is_acknowledged) {
            return (struct judgement){ .verdict = SIGHT_BEHIND, .missed = &ledger->writes[i] };
        }
    }
    return (struct judgement){ .verdict = next > 0 ? SIGHT_CURRENT : SIGHT_UNEXPECTED };
}

void ledger_accept(struct ledger *ledger, struct sight sight, int64_t now_ms)
{
    const struct item_plan *plan = NULL;
    for (size_t i = 0; i < ledger->count; i++) {
        plan = ledger->writes[i].plan != NULL ? ledger->writes[i].plan : plan;
    }
    ledger->version = sight.version > ledger->version ? sight.version : ledger->version;
    ledger->count = 1;
    ledger->writes[0] = (struct ledger_write){ .version = sight.is_there ? sight.version : 0,
                                               .acknowledged_ms = now_ms,
                                               .plan = sight.is_there ? plan : NULL,
                                               .is_acknowledged = true };
}
