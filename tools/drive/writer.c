#include "tools/drive/writer.h"

#include "tools/drive/request.h"
#include "tools/process.h"

enum {
    /* An attempt that was given up may arrive late. The condition on its version stops it, except
     * when the item is away by then: so it stays for a while. */
    LATE_ARRIVAL_MS = 60 * 1000,
};

/* Of eight writes of an item that is there four are updates, two puts, two deletions. */
static enum request_kind choose(const struct ledger *ledger, uint64_t chance)
{
    const struct ledger_write *last = ledger_last(ledger);
    bool is_there = last->plan != NULL;
    bool may_vanish =
        ledger->unknown_ms == 0 || process_now_ms() - ledger->unknown_ms > LATE_ARRIVAL_MS;
    if (!last->is_acknowledged) { /* once more */
        return is_there ? REQUEST_PUT : REQUEST_DELETE;
    }
    switch (chance % 8) {
    case 0:
    case 1:
        return is_there && may_vanish ? REQUEST_DELETE : REQUEST_PUT;
    case 2:
    case 3:
        return REQUEST_PUT;
    default:
        return REQUEST_UPDATE;
    }
}

static struct bytes
body_of(struct arena *arena, enum request_kind kind, const struct item_request *request)
{
    if (kind == REQUEST_PUT) {
        return request_put_body(arena, request);
    }
    return kind == REQUEST_UPDATE ? request_update_body(arena, request)
                                  : request_delete_body(arena, request);
}

static void note(struct ledger *ledger, enum answer answer)
{
    switch (answer) {
    case ANSWER_DONE:
        ledger_acknowledge(ledger, process_now_ms());
        break;
    case ANSWER_REFUSED:
        ledger_refuse(ledger);
        break;
    case ANSWER_UNKNOWN:
        ledger_leave_open(ledger, process_now_ms());
        break;
    }
}

void writer_write(struct drive *drive,
                  struct dynamodb_client *client,
                  struct arena *arena,
                  uint64_t chance)
{
    struct owned_item *item = item_pool_take_or_begin(drive->pool, chance / 8);
    if (item == NULL) {
        return; /* others have them all */
    }
    const struct item_plan *plan = table_watch_view(drive->watch)->plan;
    enum request_kind kind = choose(&item->ledger, chance);
    const struct ledger_write *write =
        ledger_begin(&item->ledger, kind == REQUEST_DELETE ? NULL : plan);
    struct item_request request = { .table = drive->table,
                                    .plan = write->plan != NULL ? write->plan : plan,
                                    .item = item->identity,
                                    .version = write->version };
    struct dynamodb_reply reply;
    enum answer answer =
        request_send(&drive->tally, client, arena, (struct outcome){ .kind = kind },
                     body_of(arena, kind, &request), &reply);
    note(&item->ledger, answer);
    dynamodb_reply_free(&reply);
    item_pool_give_back(drive->pool, item);
}
