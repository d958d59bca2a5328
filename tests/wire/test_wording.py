"""The two wordings of validation errors, as a client meets them."""

import pytest

import serving

TEXT = "The requestItems parameter is required for BatchGetItem"
TEXT_2026 = ("1 validation error detected: Value at 'RequestItems' failed to satisfy constraint: "
             "Member must have length greater than or equal to 1")


@pytest.mark.ours
@pytest.mark.parametrize("flags, environment, text", [
    ([], {}, TEXT),
    (["--wording", "classic"], {"REHEARSEDB_WORDING": "2026"}, TEXT),
    (["--wording", "2026"], {}, TEXT_2026),
    ([], {"REHEARSEDB_WORDING": "2026"}, TEXT_2026),
])
def test_a_server_words_its_errors_as_it_was_told(start_server, flags, environment, text):
    server = start_server("--in-memory", *flags, environment=environment)
    status, reply = serving.RawCaller(server.url)("BatchGetItem", {"RequestItems": {}})
    assert (status, reply["message"]) == (400, text)
    assert reply["__type"] == "com.amazon.coral.validate#ValidationException"
