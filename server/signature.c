#include "server/signature.h"

#include "api/protocol/form.h"
#include "storage/base/arena.h"

#include <string.h>

#define CORAL "com.amazon.coral.service#"

static const char INVALID_SIGNATURE[] = CORAL "InvalidSignatureException";
static const char MISSING_TOKEN[] = CORAL "MissingAuthenticationTokenException";
static const char INCOMPLETE_SIGNATURE[] = CORAL "IncompleteSignatureException";

/* What comes before `separator`; `rest` goes on behind it, or becomes empty. */
static struct bytes split(struct bytes *rest, char separator)
{
    struct bytes head = *rest;
    const uint8_t *end = rest->length > 0 ? memchr(rest->data, separator, rest->length) : NULL;
    if (end == NULL) {
        rest->data += rest->length;
        rest->length = 0;
        return head;
    }
    head.length = (size_t)(end - rest->data);
    rest->data = end + 1;
    rest->length -= head.length + 1;
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
    out_caller->access_key_id = split(&credential, '/');
    (void)split(&credential, '/');
    out_caller->region = split(&credential, '/');
}

/* The pieces of the query form, in the order in which AWS complains about them. */
enum query_piece {
    QUERY_ALGORITHM,
    QUERY_CREDENTIAL,
    QUERY_SIGNATURE,
    QUERY_SIGNED_HEADERS,
    QUERY_DATE,
    QUERY_PIECE_COUNT
};

static const char *const QUERY_NAMES[QUERY_PIECE_COUNT] = {
    [QUERY_ALGORITHM] = "X-Amz-Algorithm", [QUERY_CREDENTIAL] = "X-Amz-Credential",
    [QUERY_SIGNATURE] = "X-Amz-Signature", [QUERY_SIGNED_HEADERS] = "X-Amz-SignedHeaders",
    [QUERY_DATE] = "X-Amz-Date",
};

/* query -> [ name [ "=" value ] { "&" name [ "=" value ] } ]; true if it names an algorithm. */
static bool
read_query(struct bytes query, struct arena *arena, struct bytes out_pieces[QUERY_PIECE_COUNT])
{
    bool has_algorithm = false;
    while (query.length > 0) {
        struct bytes value = split(&query, '&');
        struct bytes name = form_decode(arena, split(&value, '='));
        for (size_t i = 0; i < QUERY_PIECE_COUNT; i++) {
            if (bytes_equal(name, bytes_of_text(QUERY_NAMES[i]))) {
                out_pieces[i] = form_decode(arena, value);
                has_algorithm = has_algorithm || i == QUERY_ALGORITHM;
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
    read_credential(pieces[QUERY_CREDENTIAL], out_caller);
}

/* The pieces of the header form, likewise. */
enum header_piece {
    HEADER_CREDENTIAL,
    HEADER_SIGNATURE,
    HEADER_SIGNED_HEADERS,
    HEADER_PIECE_COUNT,
};

static const char *const HEADER_NAMES[HEADER_PIECE_COUNT] = {
    [HEADER_CREDENTIAL] = "Credential",
    [HEADER_SIGNATURE] = "Signature",
    [HEADER_SIGNED_HEADERS] = "SignedHeaders",
};

/* piece -> name "=" value */
static void keep_piece(struct bytes piece, struct bytes out_pieces[HEADER_PIECE_COUNT])
{
    struct bytes value = piece;
    struct bytes name = split(&value, '=');
    for (size_t i = 0; i < HEADER_PIECE_COUNT; i++) {
        if (bytes_equal(name, bytes_of_text(HEADER_NAMES[i]))) {
            out_pieces[i] = value;
        }
    }
}

/* header -> algorithm { ( " " | "," ) piece }; the pieces may come in any order. */
static void read_header(struct bytes header, struct bytes out_pieces[HEADER_PIECE_COUNT])
{
    (void)split(&header, ' ');
    while (header.length > 0) {
        struct bytes listed = split(&header, ',');
        while (listed.length > 0) {
            keep_piece(split(&listed, ' '), out_pieces);
        }
    }
}

static void check_header(const struct signature_source *source,
                         struct arena *arena,
                         struct api_caller *out_caller,
                         struct api_refusal *out_refusal)
{
    struct bytes pieces[HEADER_PIECE_COUNT] = { 0 };
    read_header(source->authorization, pieces);
    struct buffer message;
    buffer_init(&message, arena, 0);
    for (size_t i = 0; i < HEADER_PIECE_COUNT; i++) {
        if (pieces[i].length == 0) {
            buffer_append_format(&message, "Authorization header requires '%s' parameter. ",
                                 HEADER_NAMES[i]);
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
    read_credential(pieces[HEADER_CREDENTIAL], out_caller);
}

struct bytes signature_service(struct bytes authorization)
{
    struct bytes pieces[HEADER_PIECE_COUNT] = { 0 };
    if (authorization.length > 0) {
        read_header(authorization, pieces);
    }
    struct bytes credential = pieces[HEADER_CREDENTIAL];
    for (int i = 0; i < 3; i++) { /* key, date, region */
        (void)split(&credential, '/');
    }
    return split(&credential, '/');
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
