#include "api/wording.h"

#include <string.h>

const struct wording WORDING_CLASSIC = { .is_migrated = false };

static const struct wording MIGRATED = { .is_migrated = true };
static const struct wording MIGRATED_STOPPING = { .is_migrated = true, .stops_at_enum = true };

/* All others keep the classic wording: GetItem, Scan, transactions, the control plane. */
static const struct {
    const char *operation_name;
    const struct wording *wording;
} MIGRATIONS[] = {
    { "BatchGetItem", &MIGRATED }, { "BatchWriteItem", &MIGRATED },
    { "DeleteItem", &MIGRATED },   { "PutItem", &MIGRATED },
    { "Query", &MIGRATED },        { "UpdateItem", &MIGRATED_STOPPING },
};

/* Texts with these beginnings come from behind the new layer and have stayed bare. */
static const char *const BARE[] = {
    "The provided key element does not match the schema",
    "One or more parameter values were invalid: Cannot update attribute ",
    "One or more parameter values are not valid. ", /* empty key values */
    "The requestItems parameter is required for BatchWriteItem",
};

static const struct {
    const char *classic;
    const char *migrated;
} REPLACED[] = {
    { "The requestItems parameter is required for BatchGetItem",
      "Value at 'RequestItems' failed to satisfy constraint: "
      "Member must have length greater than or equal to 1" },
};

static const struct {
    const char *classic;
    const char *migrated;
} ENUMS[] = {
    /* ReturnValues; UPDATE_NEW is the service's spelling. */
    { "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW",
      "ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE" },
};

const struct wording *wording_of_operation(enum api_wording chosen, const char *operation_name)
{
    if (chosen == API_WORDING_CLASSIC) {
        return &WORDING_CLASSIC;
    }
    for (size_t i = 0; i < sizeof MIGRATIONS / sizeof MIGRATIONS[0]; i++) {
        if (strcmp(MIGRATIONS[i].operation_name, operation_name) == 0) {
            return MIGRATIONS[i].wording;
        }
    }
    return &WORDING_CLASSIC;
}

const char *wording_enum_values(const struct wording *wording, const char *values)
{
    for (size_t i = 0; wording->is_migrated && i < sizeof ENUMS / sizeof ENUMS[0]; i++) {
        if (strcmp(ENUMS[i].classic, values) == 0) {
            return ENUMS[i].migrated;
        }
    }
    return values;
}

/* counted -> digit { digit } " validation error" anything */
static bool is_counted(struct bytes message)
{
    size_t digits = 0;
    while (digits < message.length && message.data[digits] >= '0' && message.data[digits] <= '9') {
        digits++;
    }
    struct bytes rest = { message.data + digits, message.length - digits };
    return digits > 0 && bytes_start_with(rest, BYTES(" validation error"));
}

static bool stays_bare(struct bytes message)
{
    for (size_t i = 0; i < sizeof BARE / sizeof BARE[0]; i++) {
        if (bytes_start_with(message, bytes_of_text(BARE[i]))) {
            return true;
        }
    }
    return false;
}

static struct bytes replacement(struct bytes message)
{
    for (size_t i = 0; i < sizeof REPLACED / sizeof REPLACED[0]; i++) {
        if (bytes_equal(message, bytes_of_text(REPLACED[i].classic))) {
            return bytes_of_text(REPLACED[i].migrated);
        }
    }
    return message;
}

void wording_apply(const struct wording *wording, struct arena *arena, struct api_error *error)
{
    if (!wording->is_migrated || error->code != API_VALIDATION || is_counted(error->message) ||
        stays_bare(error->message)) {
        return;
    }
    struct buffer text;
    buffer_init(&text, arena, error->message.length + 64);
    buffer_append_text(&text, "1 validation error detected: ");
    buffer_append_bytes(&text, replacement(error->message));
    error->message = buffer_view(&text);
}
