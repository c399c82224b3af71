import pytest
from django.utils import translation

from apps.common.middleware.language import MAX_HEADER, readable


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-GB,en;q=.9", "en"),
        ("en-GB;q=.8,fr;q=.9", "fr"),
        ("en, fr;q=abc", "en"),
        ("xx_YY,en;q=0.5", "en"),
        ("fr;q=9,en;q=0.1", "en"),
        ("*", "fr"),
        ("é;;,", "fr"),
        ("en," + "x" * 5000, "en"),
    ],
)
def test_one_broken_range_does_not_cost_the_others(rf, header, language):
    request = rf.get("/api/", headers={"accept-language": readable(header)})
    assert translation.get_language_from_request(request) == language


def test_a_long_header_is_cut():
    assert len(readable("en," * 10_000)) <= MAX_HEADER


def test_the_api_answers_in_the_language_that_can_be_read(client):
    assert client.get("/api/nothing", headers={"accept-language": "en-GB,en;q=.9"})["Content-Language"] == "en"
