/* The service's limits, each with where the number comes from. */

#ifndef REHEARSEDB_API_LIMITS_H
#define REHEARSEDB_API_LIMITS_H

enum {
    /* Developer guide, "Quotas": tables and indexes. */
    LIMIT_GSI_COUNT = 20,
    LIMIT_LSI_COUNT = 5,
    LIMIT_NON_KEY_ATTRIBUTES_PER_INDEX = 20,
    LIMIT_NON_KEY_ATTRIBUTES_TOTAL = 100,
    LIMIT_KEY_ATTRIBUTES = 4,             /* of each role in a GSI */
    LIMIT_TABLE_CAPACITY_UNITS = 40000,   /* of a table or an index, unless raised for an account */
    LIMIT_ACCOUNT_CAPACITY_UNITS = 80000, /* the same, of all tables of a region */
    LIMIT_THROUGHPUT_DECREASES = 4,       /* a day (UTC), then one an hour */
    LIMIT_THROUGHPUT_DECREASE_MS = 60 * 60 * 1000,
    LIMIT_ENCRYPTION_CHANGES = 4, /* in 24 hours, then one in six; measured */
    LIMIT_ENCRYPTION_CHANGE_MS = 6 * 60 * 60 * 1000,
    LIMIT_TABLE_CLASS_DAYS = 30, /* with two changes in them */

    /* API reference: BatchWriteItem, BatchGetItem, ListTables, Scan. */
    LIMIT_BATCH_WRITE_ITEMS = 25,
    LIMIT_BATCH_GET_KEYS = 100,
    LIMIT_BATCH_GET_BYTES = 16 * 1024 * 1024,
    LIMIT_LIST_TABLES = 100,
    LIMIT_SCAN_SEGMENTS = 1000000,
    LIMIT_LIST_INSIGHTS = 100,

    /* API reference: TransactWriteItems, TransactGetItems. */
    LIMIT_TRANSACTION_ACTIONS = 100,
    LIMIT_TRANSACTION_BYTES = 4 * 1024 * 1024,
    LIMIT_CLIENT_TOKEN_LENGTH = 36,
    LIMIT_CLIENT_TOKEN_MS = 10 * 60 * 1000,

    /* Developer guide, "Quotas": items. */
    LIMIT_ITEM_BYTES = 400 * 1024,
    LIMIT_NESTING = 31, /* lists and maps around a scalar: 32 levels with it; measured */
    LIMIT_PAGE_BYTES = 1024 * 1024,
};

/* CreateTable: "Given value … for ReadCapacityUnits is out of bounds" above it; measured. */
#define LIMIT_CAPACITY_UNITS INT64_C(1000000000000)

#endif
