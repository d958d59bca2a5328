/*
 * The last writes of one item and whether they were acknowledged, and so what a read of the table
 * or of an index may see of it. Pure, of fixed size.
 *
 * A write whose outcome nobody knows (no answer, a server's own error) is repeated until it is
 * acknowledged, so only the last can be open: both what was before it and what it makes may be
 * seen.
 */

#ifndef REHEARSEDB_TOOLS_DRIVE_LEDGER_H
#define REHEARSEDB_TOOLS_DRIVE_LEDGER_H

#include "tools/drive/item_plan.h"

enum { LEDGER_WRITES = 16 };

struct ledger_write {
    int64_t version;
    int64_t acknowledged_ms;      /* with is_acknowledged */
    const struct item_plan *plan; /* NULL: a deletion */
    bool is_acknowledged;
    bool may_be_done; /* an attempt had no answer */
};

struct ledger {
    struct ledger_write writes[LEDGER_WRITES]; /* oldest first */
    size_t count;
    int64_t version;    /* of the last, refused ones included */
    int64_t unknown_ms; /* when an outcome was last unknown; 0: never */
};

/* Begins with an item that is not there. */
void ledger_init(struct ledger *ledger, int64_t now_ms);

/* The last write, which is open between ledger_begin and its outcome. */
const struct ledger_write *ledger_last(const struct ledger *ledger);

/* Notes a write that is about to be sent; if the last one is open still, it is that one again. */
const struct ledger_write *ledger_begin(struct ledger *ledger, const struct item_plan *plan);

/* The three outcomes of the open write. */
void ledger_acknowledge(struct ledger *ledger, int64_t now_ms);
void ledger_refuse(struct ledger *ledger); /* it was not done */
void ledger_leave_open(struct ledger *ledger, int64_t now_ms);

/* What a read has found. */
struct sight {
    bool is_there;
    int64_t version; /* DRIVE_VERSION_UNKNOWN: an index that does not project it */
};

enum sight_verdict {
    SIGHT_CURRENT,    /* nothing acknowledged is missing in it */
    SIGHT_BEHIND,     /* acknowledged writes are missing */
    SIGHT_UNEXPECTED, /* a version that no acknowledged or open write has made */
};

struct judgement {
    enum sight_verdict verdict;
    const struct ledger_write *missed; /* BEHIND: the first of the missing writes that is known */
};

/* Of a read of the index (NULL: the table) that began after all writes noted so far ended. */
struct judgement
ledger_judge(const struct ledger *ledger, const struct index_shape *index, struct sight sight);

/* Takes what the table has for what it is to have, so that a loss is told once. */
void ledger_accept(struct ledger *ledger, struct sight sight, int64_t now_ms);

#endif
