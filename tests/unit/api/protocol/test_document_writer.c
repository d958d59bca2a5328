/* One reply in three formats. */

#include "api/protocol/document_writer.h"

#include "api/protocol/cbor.h"
#include "api/protocol/xml.h"
#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct bytes write_reply(struct arena *arena, enum document_format format)
{
    struct buffer *to = arena_alloc(arena, sizeof *to);
    buffer_init(to, arena, 64);
    struct document_writer writer = document_writer_of(format, to);
    document_open_structure(&writer, "Reply");
    document_write_text(&writer, "Label", BYTES("a<b"));
    document_open_list(&writer, "Points");
    for (int i = 0; i < 2; i++) {
        document_open_structure(&writer, NULL);
        document_write_time(&writer, "Time", INT64_C(1767225600000) + i);
        document_write_double(&writer, "Sum", i + 0.5);
        document_close_structure(&writer, NULL);
    }
    document_close_list(&writer, "Points");
    document_open_list(&writer, "Values");
    document_write_double(&writer, NULL, 1);
    document_write_double(&writer, NULL, 2);
    document_close_list(&writer, "Values");
    document_write_integer(&writer, "Low", -12);
    document_write_integer(&writer, "High", INT64_C(1) << 40);
    document_write_boolean(&writer, "Yes", true);
    document_write_boolean(&writer, "No", false);
    document_close_structure(&writer, "Reply");
    return buffer_view(to);
}

static void a_reply_is_xml(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    assert_string_equal(
        bytes_to_text(&arena, write_reply(&arena, DOCUMENT_XML)),
        "<Reply><Label>a&lt;b</Label><Points>"
        "<member><Time>2026-01-01T00:00:00Z</Time><Sum>0.5</Sum></member>"
        "<member><Time>2026-01-01T00:00:00.001Z</Time><Sum>1.5</Sum></member>"
        "</Points><Values><member>1.0</member><member>2.0</member></Values>"
        "<Low>-12</Low><High>1099511627776</High><Yes>true</Yes><No>false</No></Reply>");
    arena_deinit(&arena);
}

static const char AS_JSON[] = "\"Reply\":{\"Label\":\"a<b\",\"Points\":["
                              "{\"Time\":1767225600,\"Sum\":0.5},"
                              "{\"Time\":1767225600.001,\"Sum\":1.5}],\"Values\":[1.0,2.0],"
                              "\"Low\":-12,\"High\":1099511627776,\"Yes\":true,\"No\":false}";

static void a_reply_is_json(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    assert_string_equal(bytes_to_text(&arena, write_reply(&arena, DOCUMENT_JSON)), AS_JSON);
    arena_deinit(&arena);
}

static void a_reply_is_cbor(void **state)
{
    (void)state;
    struct arena arena;
    struct buffer whole;
    struct bytes json;
    arena_init(&arena);
    buffer_init(&whole, &arena, 64);
    cbor_append_map(&whole);
    buffer_append_bytes(&whole, write_reply(&arena, DOCUMENT_CBOR));
    cbor_append_break(&whole);
    assert_true(cbor_to_json(&arena, buffer_view(&whole), &json));
    assert_string_equal(bytes_to_text(&arena, json),
                        "{\"Reply\":{\"Label\":\"a<b\",\"Points\":["
                        "{\"Time\":1767225600.0,\"Sum\":0.5},"
                        "{\"Time\":1767225600.001,\"Sum\":1.5}],\"Values\":[1.0,2.0],"
                        "\"Low\":-12,\"High\":1099511627776,\"Yes\":true,\"No\":false}}");
    arena_deinit(&arena);
}

static void texts_in_xml_are_escaped(void **state)
{
    (void)state;
    struct arena arena;
    struct buffer to;
    arena_init(&arena);
    buffer_init(&to, &arena, 64);
    xml_append_element(&to, "A", BYTES("<&>\"'\r\n\t\x01\xC3\xBC"));
    assert_string_equal(bytes_to_text(&arena, buffer_view(&to)),
                        "<A>&lt;&amp;&gt;&quot;'&#xD;\n\t\xEF\xBF\xBD\xC3\xBC</A>");
    to.length = 0;
    xml_append_text(&to, BYTES("\xEF\xBF\xBE|\xEF\xBF\xBF|\xEF\xBF\xBC|\xEF\xBF"));
    assert_string_equal(bytes_to_text(&arena, buffer_view(&to)),
                        "\xEF\xBF\xBD|\xEF\xBF\xBD|\xEF\xBF\xBC|\xEF\xBF");
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_is_xml),
        cmocka_unit_test(a_reply_is_json),
        cmocka_unit_test(a_reply_is_cbor),
        cmocka_unit_test(texts_in_xml_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
