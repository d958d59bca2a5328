/* clock: the one clock, looked at and moved forward. */

#include "storage/base/clock.h"
#include "api/control/control.h"
#include "api/internal.h"
#include "storage/storage.h"

/* Ten years at once, a hundred in all: every time still fits into what clients read. */
static const int64_t YEAR_MS = INT64_C(365) * 24 * 60 * 60 * 1000;
#define ADVANCE_MAX_MS (INT64_C(10) * 365 * 24 * 60 * 60 * 1000)
enum { YEARS_MAX = 100, SETTLE_TIMEOUT_MS = 10 * 1000 };

static const struct shape ADVANCE = { .kind = SHAPE_LONG, .range = { 0, ADVANCE_MAX_MS } };
static const struct member CLOCK_MEMBERS[] = {
    { "AdvanceMilliseconds", &ADVANCE, REQUIRED },
};
const struct shape CONTROL_CLOCK = SHAPE_STRUCTURE_OF("Clock", CLOCK_MEMBERS);

static void open_reply(struct request *request)
{
    struct clock *clock = request->storage->clock;
    json_open_object(&request->writer);
    json_member_seconds(&request->writer, "Time", clock_now_ms(clock));
    json_member_integer(&request->writer, "OffsetMilliseconds", clock_offset_ms(clock));
}

static void tell(struct request *request, int64_t by_ms)
{
    struct timeline_event event = rehearsal_event(request, TIMELINE_CLOCK);
    struct buffer details;
    struct json_writer writer = json_writer_of(&details);
    buffer_init(&details, request->arena, 64);
    json_member_integer(&writer, "AdvanceMilliseconds", by_ms);
    event.details = buffer_view(&details);
    timeline_tell(request->api->rehearsal.timeline, request->arena, &event);
}

bool control_show_clock(struct control *control)
{
    open_reply(&control->request);
    json_close_object(&control->request.writer);
    return true;
}

/* Returns when what has come due is done, so that a script can go on with its next step. */
bool control_advance_clock(struct control *control)
{
    struct request *request = &control->request;
    const struct storage *storage = request->storage;
    int64_t by_ms = request_integer(request, "AdvanceMilliseconds", 0);
    enum storage_status status;
    if (!snapshots_advance_clock(storage->snapshots, by_ms, YEARS_MAX * YEAR_MS, &status)) {
        return api_fail(request, API_VALIDATION,
                        "The clock may be moved %d years ahead of the system's and no further",
                        YEARS_MAX);
    }
    if (status != STORAGE_OK) {
        return api_fail(request, API_INTERNAL_SERVER_ERROR,
                        "The store could not keep the new time: %s; the clock was not moved",
                        storage_status_text(status));
    }
    tell(request, by_ms);
    bool has_settled = background_settle(storage->background, SETTLE_TIMEOUT_MS);
    open_reply(request);
    json_member_boolean(&request->writer, "Settled", has_settled);
    json_close_object(&request->writer);
    return true;
}
