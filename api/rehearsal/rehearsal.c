#include "api/rehearsal/rehearsal.h"

#include "api/internal.h"
#include "api/items/consumed_capacity.h"
#include "api/rehearsal/delays.h"
#include "api/rehearsal/exceptions.h"
#include "api/rehearsal/faults.h"
#include "api/rehearsal/readers.h"
#include "api/rehearsal/states.h"
#include "storage/table/freezes.h"

/* ---- opening, closing ---- */

struct forget_note {
    struct txn_note note; /* first: the note is the table */
    struct readers *readers;
    struct bytes table_name;
};

static void tell_forget(struct txn_note *note)
{
    const struct forget_note *forget = (const struct forget_note *)note;
    readers_forget(forget->readers, forget->table_name);
}

/* Of a table that is new or gone nobody has read yet, or nobody will want to know who did. */
static void
note_forget(struct readers *readers, struct txn *txn, struct arena *arena, struct bytes table_name)
{
    struct forget_note *note = arena_alloc(arena, sizeof *note);
    *note = (struct forget_note){ .note.tell = tell_forget,
                                  .readers = readers,
                                  .table_name = bytes_copy(arena, table_name) };
    txn_add_note(txn, &note->note);
}

static void changing(void *context,
                     struct txn *txn,
                     struct arena *arena,
                     const struct table_definition *before,
                     const struct table_definition *after)
{
    struct rehearsal *rehearsal = context;
    if (before == NULL && after == NULL) {
        return;
    }
    if (before == NULL || after == NULL) {
        note_forget(rehearsal->readers, txn, arena,
                    after != NULL ? after->qualified_name : before->qualified_name);
    }
    states_note(rehearsal->timeline, txn, arena, before, after);
}

static void holding(void *context,
                    struct txn *txn,
                    struct arena *arena,
                    const struct table_definition *table,
                    const struct index_definition *index)
{
    struct rehearsal *rehearsal = context;
    states_note_hold(rehearsal->timeline, txn, arena, table, index);
}

bool rehearsal_open(struct rehearsal *rehearsal, struct clock *clock, bool is_isolated)
{
    *rehearsal = (struct rehearsal){
        .timeline = timeline_open(clock, is_isolated),
        .readers = readers_open(clock_now_ms(clock)),
        .faults = faults_open(),
        .delays = delays_open(),
        .observer = { .changing = changing, .holding = holding, .context = rehearsal },
    };
    bool is_whole = rehearsal->timeline != NULL && rehearsal->readers != NULL &&
                    rehearsal->faults != NULL && rehearsal->delays != NULL;
    if (!is_whole) {
        rehearsal_close(rehearsal);
    }
    return is_whole;
}

void rehearsal_close(struct rehearsal *rehearsal)
{
    if (rehearsal->delays != NULL) {
        delays_end(rehearsal->delays);
        delays_close(rehearsal->delays);
    }
    if (rehearsal->faults != NULL) {
        faults_close(rehearsal->faults);
    }
    if (rehearsal->readers != NULL) {
        readers_close(rehearsal->readers);
    }
    if (rehearsal->timeline != NULL) {
        timeline_close(rehearsal->timeline);
    }
}

/* ---- events ---- */

struct timeline_event rehearsal_event(const struct request *request, enum timeline_kind kind)
{
    return (struct timeline_event){ .kind = kind,
                                    .access_key_id = request->caller->access_key_id,
                                    .region = request->caller->region,
                                    .user_agent = request->caller->user_agent };
}

/* The same of a call, and of the first table that it names. */
static struct timeline_event call_event(struct request *request,
                                        const struct operation *operation,
                                        const struct targets *targets,
                                        enum timeline_kind kind)
{
    struct timeline_event event = rehearsal_event(request, kind);
    event.operation = bytes_of_text(operation->name);
    event.index_name = targets->index_name;
    if (targets->count > 0) {
        event.table_name = request_qualified_name(request, targets->tables[0].table_name);
    }
    if (request->has_failed) {
        event.error = bytes_of_text(api_error_name(request->error.code));
        event.message = request->error.has_message ? request->error.message : BYTES("");
    }
    return event;
}

/* ---- faults ---- */

static struct bytes fault_details(struct request *request, size_t rule, const struct fault *fault)
{
    struct buffer details;
    struct json_writer writer = json_writer_of(&details);
    buffer_init(&details, request->arena, 64);
    json_member_integer(&writer, "Rule", (int64_t)rule);
    if (fault->delay_ms > 0) {
        json_member_integer(&writer, "DelayMilliseconds", fault->delay_ms);
    }
    if (fault->drop != FAULT_ANSWERS) {
        json_member_text(&writer, "Drop",
                         fault->drop == FAULT_DROPS_BEFORE ? BYTES("BEFORE") : BYTES("AFTER"));
    }
    return buffer_view(&details);
}

bool rehearsal_disturb(struct request *request, const struct operation *operation)
{
    struct rehearsal *rehearsal = &request->api->rehearsal;
    if (!faults_exist(rehearsal->faults)) {
        return true;
    }
    struct targets targets = targets_of(request, operation);
    struct fault_call call = { .operation = operation,
                               .targets = &targets,
                               .access_key_id = request->caller->access_key_id,
                               .region = request->region };
    size_t rule;
    struct fault fault;
    if (!faults_choose(rehearsal->faults, &call, &rule, &fault)) {
        return true;
    }
    request->delay_ms = fault.delay_ms;
    request->drops = fault.drop != FAULT_ANSWERS;
    request->is_disturbed = fault.has_error || fault.drop == FAULT_DROPS_BEFORE;
    if (fault.has_error) {
        struct bytes table = targets.count > 0 ? targets.tables[0].table_name : BYTES("");
        (void)exception_fail(request, operation, table, fault.error);
    }
    struct timeline_event event = call_event(request, operation, &targets, TIMELINE_FAULT);
    event.details = fault_details(request, rule, &fault);
    timeline_tell(rehearsal->timeline, request->arena, &event);
    return !request->is_disturbed;
}

bool rehearsal_delays(struct request *request, struct api_call *call)
{
    return request->delay_ms > 0 &&
           delays_add(request->api->rehearsal.delays, call, request->delay_ms);
}

/* ---- freezes ---- */

static bool
is_thawed(struct request *request, const struct operation *operation, const struct targets *targets)
{
    for (size_t i = 0; i < targets->count; i++) {
        struct bytes name = targets->tables[i].table_name;
        struct bytes error;
        struct bytes table_name = request_qualified_name(request, name);
        if (targets->tables[i].is_written && freeze_find(request->txn, table_name, &error)) {
            enum api_error_code code = API_ACCESS_DENIED;
            (void)api_error_of_name(error, &code);
            request->refusing_table = table_name;
            return exception_fail(request, operation, name, code);
        }
    }
    return true;
}

bool rehearsal_admit(struct request *request, const struct operation *operation)
{
    if (operation->access == ACCESS_READ) {
        return true;
    }
    struct targets targets = targets_of(request, operation);
    if (operation_is_of_items(operation)) {
        return is_thawed(request, operation, &targets);
    }
    struct timeline_event event = call_event(request, operation, &targets, TIMELINE_CALL);
    timeline_note(request->api->rehearsal.timeline, request->txn, request->arena, &event);
    return true;
}

/* ---- observing ---- */

static struct use use_of(const struct request *request, const struct operation *operation)
{
    return (struct use){ .access_key_id = request->caller->access_key_id,
                         .user_agent = request->caller->user_agent,
                         .operation = operation->name };
}

/* A read of an index is none of its table; a write of the table is one of each index it changes. */
static void record_table(struct request *request,
                         const struct operation *operation,
                         const struct consumed_capacity *capacity)
{
    struct readers *readers = request->api->rehearsal.readers;
    const struct table_definition *table = capacity->table;
    struct use use = use_of(request, operation);
    bool is_read = capacity->kind == UNITS_OF_READS && operation->access == ACCESS_READ;
    use.kind = is_read ? USE_READ : USE_WRITE;
    use.table_name = table->qualified_name.length > 0
                         ? table->qualified_name
                         : request_qualified_name(request, table->name);
    if (is_read && request->returns_items) {
        use.index_name = targets_of(request, operation).index_name;
    }
    readers_record(readers, &use, request->now_ms);
    for (size_t i = 0; !is_read && i < table->index_count; i++) {
        if (capacity->index_units[i] > 0) {
            use.index_name = table->indexes[i].name;
            readers_record(readers, &use, request->now_ms);
        }
    }
}

/* A write whose condition fails is one: its sender writes. */
static bool was_carried_out(const struct request *request)
{
    return !request->has_failed || request->error.code == API_CONDITIONAL_CHECK_FAILED ||
           request->error.code == API_TRANSACTION_CANCELED;
}

static void record_refusal(struct request *request,
                           const struct operation *operation,
                           const struct targets *targets)
{
    struct use use = use_of(request, operation);
    use.kind = USE_REFUSED;
    use.table_name = request->refusing_table;
    use.index_name = targets->index_name;
    readers_record(request->api->rehearsal.readers, &use, request->now_ms);
}

/* What the timeline tells of: see api/rehearsal/timeline.h. */
static bool is_worth_telling(const struct request *request, const struct operation *operation)
{
    return request->refusing_table.length > 0 || request->throttled != NULL ||
           operation_changes_tables(operation);
}

void rehearsal_observe(struct request *request, const struct operation *operation)
{
    if (operation == NULL || request->is_disturbed) {
        return;
    }
    if (was_carried_out(request)) {
        for (const struct consumed_capacity *one = request->consumed; one != NULL;
             one = one->next) {
            record_table(request, operation, one);
        }
    }
    if (request->has_failed && is_worth_telling(request, operation)) {
        struct targets targets = targets_of(request, operation);
        if (request->refusing_table.length > 0) {
            record_refusal(request, operation, &targets);
        }
        struct timeline_event event = call_event(request, operation, &targets, TIMELINE_REFUSAL);
        timeline_tell(request->api->rehearsal.timeline, request->arena, &event);
    }
}
