/*
 * The control surface below /_rehearsedb/ (docs/rehearsal.md): JSON in and out (but for metrics),
 * DynamoDB's own member names. control.c has the table of paths; a handler, in the file of its
 * noun, fills the request's reply or fails as an operation does.
 */

#ifndef REHEARSEDB_API_CONTROL_CONTROL_H
#define REHEARSEDB_API_CONTROL_CONTROL_H

#include "api/request.h"
#include "api/shape.h"

struct control {
    struct request request;
    struct bytes argument; /* what follows the path's prefix: the table in tables/T */
    struct bytes query;    /* what follows '?', as sent */
};

/* "name=value" of the query, as sent; empty: absent. */
struct bytes control_query_value(const struct control *control, struct bytes name);

/* The same as a number, not negative; `otherwise` when it is absent. False after api_fail. */
bool control_query_number(struct control *control,
                          struct bytes name,
                          int64_t otherwise,
                          int64_t *out_value);

/*
 * Where worlds are separate, AccessKeyId and Region say which is meant: members of the body, or of
 * the query where there is no body. False after api_fail.
 */
bool control_enter_world(struct control *control, bool has_body);

/* "{}" */
bool control_reply_empty(struct request *request);

/* tables.c */
bool control_show_table(struct control *control);

/* metrics.c: text, not JSON */
bool control_show_metrics(struct control *control);

/* holds.c */
extern const struct shape CONTROL_HOLD;
extern const struct shape CONTROL_RELEASE;
bool control_set_hold(struct control *control);
bool control_release_hold(struct control *control);

/* snapshots.c */
extern const struct shape CONTROL_SAVE;
bool control_save_snapshot(struct control *control);
bool control_list_snapshots(struct control *control);
bool control_restore_snapshot(struct control *control);
bool control_delete_snapshot(struct control *control);
bool control_reset(struct control *control);

/* clock.c */
extern const struct shape CONTROL_CLOCK;
bool control_show_clock(struct control *control);
bool control_advance_clock(struct control *control);

/* lag.c */
extern const struct shape CONTROL_LAG;
bool control_show_lag(struct control *control);
bool control_set_lag(struct control *control);
bool control_reset_lag(struct control *control);

/* builds.c */
extern const struct shape CONTROL_FAIL;
bool control_fail_build(struct control *control);

/* timeline.c */
bool control_show_timeline(struct control *control);

/* readers.c */
extern const struct shape CONTROL_READERS_RESET;
bool control_show_readers(struct control *control);
bool control_reset_readers(struct control *control);

/* faults.c */
extern const struct shape CONTROL_FAULTS;
bool control_show_faults(struct control *control);
bool control_put_faults(struct control *control);
bool control_delete_faults(struct control *control);

/* freezes.c */
extern const struct shape CONTROL_FREEZE;
extern const struct shape CONTROL_THAW;
bool control_freeze(struct control *control);
bool control_thaw(struct control *control);

#endif
