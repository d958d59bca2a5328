#include "api/base64.h"

#include "storage/base/arena.h"

#include <assert.h>

#include <nettle/base64.h>

enum {
    ALPHABET_SIZE = 64,
    PADDING = 64,
    FOREIGN = 65,
};

static unsigned digit_of(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z') {
        return (unsigned)(byte - 'A');
    }
    if (byte >= 'a' && byte <= 'z') {
        return (unsigned)(byte - 'a') + 26;
    }
    if (byte >= '0' && byte <= '9') {
        return (unsigned)(byte - '0') + 52;
    }
    switch (byte) {
    case '+':
        return 62;
    case '/':
        return 63;
    case '=':
        return PADDING;
    default:
        return FOREIGN;
    }
}

static bool fault(struct arena *arena, struct bytes *out_fault, const char *words, size_t number)
{
    struct buffer text;
    buffer_init(&text, arena, 96);
    buffer_append_format(&text, "%s%zu", words, number);
    *out_fault = buffer_view(&text);
    return false;
}

/* The whole UTF-8 character at the start of `from`, which is well-formed. */
static bool foreign_character(struct arena *arena, struct bytes *out_fault, struct bytes from)
{
    size_t length = 1;
    while (length < from.length && (from.data[length] & 0xC0) == 0x80) {
        length++;
    }
    struct buffer text;
    buffer_init(&text, arena, 48);
    buffer_append_text(&text, "Invalid Base64 character: '");
    buffer_append(&text, from.data, length);
    buffer_append_u8(&text, '\'');
    *out_fault = buffer_view(&text);
    return false;
}

bool base64_check(struct arena *arena, struct bytes text, struct bytes *out_fault)
{
    if (text.length % 4 != 0) {
        return fault(
            arena, out_fault,
            "Base64 encoded length is expected a multiple of 4 bytes but found: ", text.length);
    }
    size_t padding = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned digit = digit_of(text.data[i]);
        if (digit == FOREIGN || (digit < ALPHABET_SIZE && padding > 0)) {
            size_t culprit = digit == FOREIGN ? i : i - 1; /* the padding that something follows */
            struct bytes rest = { text.data + culprit, text.length - culprit };
            return foreign_character(arena, out_fault, rest);
        }
        padding += digit == PADDING;
    }
    /* One pad leaves 2 bits of the last digit over, two leave 4; they must be zero. */
    static const unsigned left_over[] = { 0x00, 0x03, 0x0F };
    if (padding > 2 || (padding > 0 && (digit_of(text.data[text.length - padding - 1]) &
                                        left_over[padding]) != 0)) {
        *out_fault = BYTES("Invalid last non-pad Base64 character dectected"); /* sic */
        return false;
    }
    return true;
}

struct bytes base64_decode(struct arena *arena, struct bytes text)
{
    uint8_t *binary = arena_alloc(arena, BASE64_DECODE_LENGTH(text.length));
    size_t length = BASE64_DECODE_LENGTH(text.length);
    struct base64_decode_ctx context;
    base64_decode_init(&context);
    int decoded =
        base64_decode_update(&context, &length, binary, text.length, (const char *)text.data);
    assert(decoded == 1);
    (void)decoded;
    return (struct bytes){ .data = binary, .length = length };
}

size_t base64_encoded_size(size_t size)
{
    return BASE64_ENCODE_RAW_LENGTH(size);
}

void base64_encode(uint8_t *to, struct bytes binary)
{
    base64_encode_raw((char *)to, binary.length, binary.data);
}
