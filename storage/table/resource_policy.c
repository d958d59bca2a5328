#include "storage/table/resource_policy.h"

#include "storage/base/arena.h"

static struct policy_version read_version(struct reader *reader)
{
    struct policy_version version;
    version.revision_ms = (int64_t)reader_u64(reader);
    version.document = reader_sized(reader);
    return version;
}

static void write_version(struct buffer *to, const struct policy_version *version)
{
    buffer_append_u64(to, (uint64_t)version->revision_ms);
    buffer_append_sized(to, version->document);
}

struct resource_policy
resource_policy_find(struct txn *txn, struct arena *arena, struct bytes owner)
{
    struct resource_policy policy = { .due_ms = 0 };
    struct bytes record;
    if (!setting_find(txn, SETTING_RESOURCE_POLICY, owner, &record)) {
        return policy;
    }
    struct reader reader = reader_of(bytes_copy(arena, record));
    policy.due_ms = (int64_t)reader_u64(&reader);
    policy.version = read_version(&reader);
    policy.before = read_version(&reader);
    if (reader.failed) {
        txn_fail(txn, STORAGE_CORRUPT);
        policy = (struct resource_policy){ .due_ms = 0 };
    }
    return policy;
}

void resource_policy_put(struct txn *txn,
                         struct arena *arena,
                         struct bytes owner,
                         const struct resource_policy *policy)
{
    struct buffer record;
    buffer_init(&record, arena,
                64 + policy->version.document.length + policy->before.document.length);
    buffer_append_u64(&record, (uint64_t)policy->due_ms);
    write_version(&record, &policy->version);
    write_version(&record, &policy->before);
    setting_put(txn, SETTING_RESOURCE_POLICY, owner, buffer_view(&record));
}

bool resource_policy_is_changing(const struct resource_policy *policy, int64_t now_ms)
{
    return now_ms < policy->due_ms;
}

struct policy_version resource_policy_seen(const struct resource_policy *policy, int64_t now_ms)
{
    return resource_policy_is_changing(policy, now_ms) ? policy->before : policy->version;
}
