/*
 * Text: what is accepted is canonical, stays so, survives sortable bytes, and takes part in sums.
 * The bytes are also read as sortable bytes: what is accepted must be what its number gives.
 */

#include "storage/value/number.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_text(struct bytes from)
{
    struct number_text text;
    enum number_status status = number_parse(from, &text);
    check(!number_is_canonical(from) ||
          (status == NUMBER_OK && bytes_equal(number_view(&text), from)));
    if (status != NUMBER_OK) {
        return;
    }
    struct bytes number = number_view(&text);
    check(number.length <= NUMBER_TEXT_SIZE_MAX && number_is_canonical(number));

    uint8_t sortable[NUMBER_SORTABLE_SIZE_MAX];
    uint8_t hash[NUMBER_SORTABLE_SIZE_MAX];
    size_t sortable_size = number_sortable_bytes(number, sortable);
    size_t hash_size = number_hash_bytes(number, hash);
    check(sortable_size <= sizeof sortable && hash_size <= sortable_size);
    check(memcmp(sortable, hash, hash_size) == 0 && number_size(number) == hash_size);
    struct number_text back;
    size_t used;
    check(number_of_sortable_bytes((struct bytes){ sortable, sortable_size }, &back, &used));
    check(used == sortable_size && bytes_equal(number_view(&back), number));

    struct number_text sum;
    check(number_compare(number, number) == 0);
    check(number_subtract(number, number, &sum) == NUMBER_OK);
    check(bytes_equal(number_view(&sum), BYTES("0")));
    if (number_add(number, BYTES("1"), &sum) == NUMBER_OK) {
        check(number_is_canonical(number_view(&sum)));
        check(number_compare(number_view(&sum), number) >= 0); /* 1 may be rounded away */
    }
}

static void check_sortable_bytes(struct bytes from)
{
    struct number_text text;
    size_t used;
    if (number_of_sortable_bytes(from, &text, &used)) {
        uint8_t again[NUMBER_SORTABLE_SIZE_MAX];
        check(number_is_canonical(number_view(&text)));
        check(number_sortable_bytes(number_view(&text), again) == used);
        check(memcmp(again, from.data, used) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_text((struct bytes){ data, size });
    check_sortable_bytes((struct bytes){ data, size });
    return 0;
}
