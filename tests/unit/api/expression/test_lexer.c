#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/expression/lexer.h"
#include "api/expression/reserved_words.h"

static const struct {
    const char *text;
    enum token_kind kinds[8];
} KINDS[] = {
    { "", { TOKEN_END } },
    { " \t\r\n", { TOKEN_END } },
    { "abc a1_b", { TOKEN_NAME, TOKEN_NAME, TOKEN_END } },
    { "#a #1 # #_",
      { TOKEN_NAME_PLACEHOLDER, TOKEN_NAME_PLACEHOLDER, TOKEN_NAME_PLACEHOLDER,
        TOKEN_NAME_PLACEHOLDER, TOKEN_END } },
    { ":v:1", { TOKEN_VALUE_PLACEHOLDER, TOKEN_VALUE_PLACEHOLDER, TOKEN_END } },
    { "0 10 7", { TOKEN_NUMBER, TOKEN_NUMBER, TOKEN_NUMBER, TOKEN_END } },
    { "AND or Not bEtWeEn IN", { TOKEN_AND, TOKEN_OR, TOKEN_NOT, TOKEN_BETWEEN, TOKEN_IN } },
    { "ANDROID inn o", { TOKEN_NAME, TOKEN_NAME, TOKEN_NAME, TOKEN_END } },
    { "= <> < <= > >=",
      { TOKEN_EQUAL, TOKEN_NOT_EQUAL, TOKEN_LESS, TOKEN_LESS_OR_EQUAL, TOKEN_GREATER,
        TOKEN_GREATER_OR_EQUAL, TOKEN_END } },
    { "()[],.",
      { TOKEN_LEFT_PARENTHESIS, TOKEN_RIGHT_PARENTHESIS, TOKEN_LEFT_BRACKET, TOKEN_RIGHT_BRACKET,
        TOKEN_COMMA, TOKEN_DOT, TOKEN_END } },
    { "+ -", { TOKEN_PLUS, TOKEN_MINUS, TOKEN_END } },
    { "SET remove Add dELETE", { TOKEN_NAME, TOKEN_NAME, TOKEN_NAME, TOKEN_NAME, TOKEN_END } },
    { "_a", { TOKEN_UNKNOWN, TOKEN_NAME, TOKEN_END } },
    { "*/!\"", { TOKEN_UNKNOWN, TOKEN_UNKNOWN, TOKEN_UNKNOWN, TOKEN_UNKNOWN, TOKEN_END } },
};

static void text_becomes_tokens(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        struct lexer lexer;
        lexer_init(&lexer, bytes_of_text(KINDS[i].text), KEYWORDS_OF_CONDITIONS);
        size_t j = 0;
        do {
            assert_int_equal(lexer_next(&lexer).kind, KINDS[i].kinds[j]);
        } while (j < 7 && KINDS[i].kinds[j++] != TOKEN_END);
    }
}

static void words_are_keywords_in_their_own_language_only(void **state)
{
    (void)state;
    static const char text[] = "set AND";
    static const enum token_kind kinds[][2] = {
        [KEYWORDS_NONE] = { TOKEN_NAME, TOKEN_NAME },
        [KEYWORDS_OF_CONDITIONS] = { TOKEN_NAME, TOKEN_AND },
        [KEYWORDS_OF_UPDATES] = { TOKEN_SET, TOKEN_NAME },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct lexer lexer;
        lexer_init(&lexer, bytes_of_text(text), (enum lexer_keywords)i);
        assert_int_equal(lexer_next(&lexer).kind, kinds[i][0]);
        assert_int_equal(lexer_next(&lexer).kind, kinds[i][1]);
    }
}

static void assert_token(struct lexer *lexer, const char *source, size_t at, const char *text)
{
    struct token token = lexer_next(lexer);
    assert_true(bytes_equal(token.text, bytes_of_text(text)));
    assert_ptr_equal(token.text.data, source + at);
}

static void tokens_are_views_at_their_position(void **state)
{
    (void)state;
    const char *source = " ab <=:v ";
    struct lexer lexer;
    lexer_init(&lexer, bytes_of_text(source), KEYWORDS_OF_CONDITIONS);
    assert_token(&lexer, source, 1, "ab");
    assert_token(&lexer, source, 4, "<=");
    assert_token(&lexer, source, 6, ":v");
    assert_token(&lexer, source, 9, "");
    assert_token(&lexer, source, 9, "");
}

static void a_leading_zero_is_a_number_of_its_own(void **state)
{
    (void)state;
    const char *source = "0070";
    struct lexer lexer;
    lexer_init(&lexer, bytes_of_text(source), KEYWORDS_OF_CONDITIONS);
    assert_token(&lexer, source, 0, "0");
    assert_token(&lexer, source, 1, "0");
    assert_token(&lexer, source, 2, "70");
}

static void an_unknown_character_is_taken_whole(void **state)
{
    (void)state;
    const char *source = "\xE2\x82\xAC=";
    struct lexer lexer;
    lexer_init(&lexer, bytes_of_text(source), KEYWORDS_OF_CONDITIONS);
    assert_token(&lexer, source, 0, "\xE2\x82\xAC");
    assert_token(&lexer, source, 3, "=");
}

static void no_text_has_no_tokens(void **state)
{
    (void)state;
    struct lexer lexer;
    lexer_init(&lexer, (struct bytes){ .data = NULL }, KEYWORDS_NONE);
    assert_int_equal(lexer_next(&lexer).kind, TOKEN_END);
}

static const struct {
    const char *word;
    bool is_reserved;
} WORDS[] = {
    { "ABORT", true },
    { "ZONE", true },
    { "name", true },
    { "Status", true },
    { "LOCALTIMESTAMP", true },
    { "timestamp", true },
    { "", false },
    { "A", false },
    { "ABORTED", false },
    { "ABOR", false },
    { "zones", false },
    { "pk", false },
    { "LOCALTIMESTAMPLOCALTIMESTAMP", false },
    { "_NAME", false },
};

static void reserved_words_are_found_in_any_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        assert_int_equal(reserved_words_contain(bytes_of_text(WORDS[i].word)),
                         WORDS[i].is_reserved);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_tokens),
        cmocka_unit_test(words_are_keywords_in_their_own_language_only),
        cmocka_unit_test(tokens_are_views_at_their_position),
        cmocka_unit_test(a_leading_zero_is_a_number_of_its_own),
        cmocka_unit_test(an_unknown_character_is_taken_whole),
        cmocka_unit_test(no_text_has_no_tokens),
        cmocka_unit_test(reserved_words_are_found_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
