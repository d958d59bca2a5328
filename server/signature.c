#include "server/signature.h"

#include "storage/base/arena.h"

#include <string.h>

#define CORAL "com.amazon.coral.service#"

static const char INVALID_SIGNATURE[] = CORAL "InvalidSignatureException";
static const char MISSING_TOKEN[] = CORAL "MissingAuthenticationTokenException";
static const char INCOMPLETE_SIGNATURE[] = CORAL "IncompleteSignatureException";

/* What comes before `separator`; `rest` goes on behind it, or becomes empty. */
static struct bytes split(struct bytes *rest, const char *separators)
{
    size_t length = 0;
    while (length < rest->length && strchr(separators, rest->data[length]) == NULL) {
        length++;
    }
    struct bytes head = { .data = rest->data, .length = length };
    size_t taken = length < rest->length ? length + 1 : length;
    rest->data += taken;
    rest->length -= taken;
    return head;
}

static void refuse(struct api_refusal *out_refusal, const char *type, struct bytes message)
{
    out_refusal->type = type;
    out_refusal->message = message;
}

/* credential -> key "/" date "/" region "/" service "/" "aws4_request" */
static void read_credential(struct bytes credential, struct api_caller *out_caller)
{
    out_caller->access_key_id = split(&credential, "/");
    (void)split(&credential, "/");
    out_caller->region = split(&credential, "/");
}

static int hex_digit(uint8_t letter)
{
    if (letter >= '0' && letter <= '9') {
        return letter - '0';
    }
    if (letter >= 'a' && letter <= 'f') {
        return letter - 'a' + 10;
    }
    return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

/* A query's name or value: %XX is a byte, '+' a blank; a '%' without two digits stands for itself.
 */
static struct bytes percent_decode(struct arena *arena, struct bytes text)
{
    uint8_t *decoded = arena_alloc(arena, text.length);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        int high = text.length - i > 2 ? hex_digit(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;
        if (text.data[i] == '%' && low >= 0) {
            decoded[length++] = (uint8_t)(high * 16 + low);
            i += 2;
        } else {
            decoded[length++] = text.data[i] == '+' ? ' ' : text.data[i];
        }
    }
    return (struct bytes){ .data = decoded, .length = length };
}

/* The pieces of the query form, in the order in which AWS complains about them. */
enum query_piece { ALGORITHM, CREDENTIAL, SIGNATURE, SIGNED_HEADERS, DATE, QUERY_PIECE_COUNT };

static const char *const QUERY_NAMES[QUERY_PIECE_COUNT] = {
    [ALGORITHM] = "X-Amz-Algorithm", [CREDENTIAL] = "X-Amz-Credential",
    [SIGNATURE] = "X-Amz-Signature", [SIGNED_HEADERS] = "X-Amz-SignedHeaders",
    [DATE] = "X-Amz-Date",
};

/* query -> [ name [ "=" value ] { "&" name [ "=" value ] } ]; true if it names an algorithm. */
static bool
read_query(struct bytes query, struct arena *arena, struct bytes out_pieces[QUERY_PIECE_COUNT])
{
    bool has_algorithm = false;
    while (query.length > 0) {
        struct bytes value = split(&query, "&");
        struct bytes name = percent_decode(arena, split(&value, "="));
        for (size_t i = 0; i < QUERY_PIECE_COUNT; i++) {
            if (bytes_equal(name, bytes_of_text(QUERY_NAMES[i]))) {
                out_pieces[i] = percent_decode(arena, value);
                has_algorithm = has_algorithm || i == ALGORITHM;
            }
        }
    }
    return has_algorithm;
}

static void check_query(const struct bytes pieces[QUERY_PIECE_COUNT],
                        struct arena *arena,
                        struct api_caller *out_caller,
                        struct api_refusal *out_refusal)
{
    struct buffer message;
    buffer_init(&message, arena, 0);
    for (size_t i = 0; i < QUERY_PIECE_COUNT; i++) {
        if (pieces[i].length == 0) {
            buffer_append_format(&message, "AWS query-string parameters must include '%s'. ",
                                 QUERY_NAMES[i]);
        }
    }
    if (message.length > 0) {
        buffer_append_text(&message, "Re-examine the query-string parameters.");
        refuse(out_refusal, INCOMPLETE_SIGNATURE, buffer_view(&message));
        return;
    }
    read_credential(pieces[CREDENTIAL], out_caller);
}

/* header -> algorithm { ( " " | "," ) name "=" value }; the pieces may come in any order. */
static void check_header(const struct signature_source *source,
                         struct arena *arena,
                         struct api_caller *out_caller,
                         struct api_refusal *out_refusal)
{
    struct {
        const char *name;
        struct bytes value;
    } pieces[] = { { .name = "Credential" }, { .name = "Signature" }, { .name = "SignedHeaders" } };
    enum { PIECE_COUNT = sizeof pieces / sizeof pieces[0] };

    struct bytes rest = source->authorization;
    (void)split(&rest, " ");
    while (rest.length > 0) {
        struct bytes value = split(&rest, " ,");
        struct bytes name = split(&value, "=");
        for (size_t i = 0; i < PIECE_COUNT; i++) {
            if (bytes_equal(name, bytes_of_text(pieces[i].name))) {
                pieces[i].value = value;
            }
        }
    }
    struct buffer message;
    buffer_init(&message, arena, 0);
    for (size_t i = 0; i < PIECE_COUNT; i++) {
        if (pieces[i].value.length == 0) {
            buffer_append_format(&message, "Authorization header requires '%s' parameter. ",
                                 pieces[i].name);
        }
    }
    if (source->amz_date.length == 0 && source->date.length == 0) {
        buffer_append_text(&message,
                           "Authorization header requires existence of either a 'X-Amz-Date' or a "
                           "'Date' header. ");
    }
    if (message.length > 0) {
        buffer_append_text(&message, "Authorization=");
        buffer_append_bytes(&message, source->authorization);
        refuse(out_refusal, INCOMPLETE_SIGNATURE, buffer_view(&message));
        return;
    }
    read_credential(pieces[0].value, out_caller);
}

void signature_read(const struct signature_source *source,
                    struct arena *arena,
                    struct api_caller *out_caller,
                    struct api_refusal *out_refusal)
{
    struct bytes pieces[QUERY_PIECE_COUNT] = { 0 };
    bool in_query = source->query.length > 0 && read_query(source->query, arena, pieces);
    bool in_header = source->authorization.length > 0;
    if (in_query && in_header) {
        refuse(out_refusal, INVALID_SIGNATURE,
               BYTES("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as "
                     "HTTP header."));
    } else if (in_query) {
        check_query(pieces, arena, out_caller, out_refusal);
    } else if (in_header && bytes_start_with(source->authorization, BYTES("AWS4-"))) {
        check_header(source, arena, out_caller, out_refusal);
    } else {
        refuse(out_refusal, MISSING_TOKEN, BYTES("Request is missing Authentication Token"));
    }
}
