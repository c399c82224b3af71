"""Whatever a library quotes, a line of the log holds no e-mail, no access token and no word that a visitor typed."""

import json
import logging
import time
import unicodedata
from urllib.parse import quote

import hypothesis
import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core.signing import TimestampSigner
from django.test import RequestFactory
from django.utils.crypto import get_random_string
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.common.tests.examples import examples
from webmarket import logs

fast = hypothesis.settings(max_examples=examples(150), deadline=None)
WORD = st.text(st.characters(categories=["Ll", "Lu", "Lo"], exclude_characters="ßŉǰΐΰ"), min_size=3, max_size=12)
LOCAL = st.lists(WORD, min_size=1, max_size=3).map(".".join) | st.builds("{}+{}".format, WORD, WORD)
DOMAIN = st.builds("{}.{}".format, WORD, st.sampled_from(["fr", "example", "co.uk", "рф", "xn--p1ai"]))
WRITTEN = {
    "plain": "{local}@{domain}",
    "in a URL": "{quoted_local}%40{quoted_domain}",
    "in a URL, twice": "{quoted_local}%2540{quoted_domain}",
    "in HTML": "{local}&#64;{domain}",
    "in JSON": "{local}\\u0040{domain}",
    "full width": "{local}\uff20{domain}",
    "full width with its dots": "{local}\uff20{wide_domain}",
    "in a URL, three times": "{quoted_local}%252540{encoded_domain}",
    "quoted": '"{local} {local}"@{domain}',
    "quoted in JSON": '\\"{local} {local}\\"@{domain}',
    "with an escaped quote": '"{local}\\"{local}"@{domain}',
    "at an IP": "{local}@[192.0.2.7]",
}
AROUND = [
    "{}",
    "To: <{}>, refused",
    "{{'{}': (550, b'no')}}",
    "/recherche/?q={}&page=2",
    "key='{}'",
    "« {} »",
    "a@b {}",
]


def scrubbed(text: str) -> str:
    return logs.redact_personal_data(None, "", {"event": text})["event"]


@fast
@hypothesis.given(
    LOCAL, DOMAIN, st.sampled_from(list(WRITTEN)), st.sampled_from(AROUND), st.sampled_from(["NFC", "NFD"])
)
def test_no_email_stays_however_it_is_written(local, domain, written, around, form):
    local, domain = (unicodedata.normalize(form, text) for text in (local, domain))
    email = WRITTEN[written].format(
        local=local,
        domain=domain,
        quoted_local=quote(local),
        quoted_domain=quote(domain),
        wide_domain=domain.replace(".", "\uff0e"),
        encoded_domain=quote(domain).replace(".", "%25252E"),
    )
    line = scrubbed(around.format(email))
    name = domain.partition(".")[0]
    for part in (local, quote(local), *(() if written == "at an IP" else (name, quote(name)))):
        assert part not in line


@fast
@hypothesis.given(st.data())
def test_no_access_token_stays(data):
    user = User(pk=data.draw(st.integers(1, 10**9)), password=get_random_string(20), email="a@b.example")
    reset = default_token_generator.make_token(user)
    token = data.draw(
        st.sampled_from(
            [
                reset,
                f"{data.draw(st.from_regex('[0-9a-z]{1,6}', fullmatch=True))}-{reset}",
                get_random_string(data.draw(st.integers(22, 64))),
                TimestampSigner().sign(user.pk),
                quote(TimestampSigner().sign(user.pk)),
                "123e4567-e89b-42d3-a456-426614174000",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            ]
        )
    )
    around = data.draw(
        st.sampled_from(
            [
                "Not Found: /compte/nouveau/{}/",
                "Not Found: /suivi/{}",
                "'GET /suivi/{}'",
                '"/suivi/{}"',
                "(/suivi/{})",
                "/suivi/{}.",
                "/suivi/{}?a=1",
                "next=%2Fsuivi%2F{}",
                "https://shop.example/x?token={}&b=2",
                "Authorization: Bearer {}",
                "Cookie: a=1; sessionid={}; csrftoken=x",
                "{{'X-CSRFToken': '{}'}}",
                '{{"reset_token": "{}"}}',
                '{{\\"api_key\\": \\"{}\\"}}',
            ]
        )
    )
    assert token not in scrubbed(around.format(token))


@fast
@hypothesis.given(st.integers(1, 10**9), st.sampled_from(["{}", "3-{}", "of « {} »", "key={},", "MQ-{}:", "({})"]))
def test_no_key_of_a_password_reset_stays_outside_of_a_path_either(pk, around):
    key = default_token_generator.make_token(User(pk=pk, password=get_random_string(20), email="a@b.example"))
    assert key.rpartition("-")[2] not in scrubbed(around.format(key))


def test_no_encoded_word_of_a_header_stays():
    assert scrubbed("To: =?utf-8?q?Zo=C3=A9=40exemple=2Efr?= refused") == "To: … refused"


@pytest.mark.parametrize(
    "line",
    [
        "Duplicate entry for key 'accounts_user.email'",
        "tokens: 12, passwords=3 of 4",
        'File "/opt/webmarket/current/apps/operations/services/backup/restore_check.py", line 72, in restore_check',
        "/produit/the-vert-de-chine-bio-en-vrac-250-g/",
        "Access denied for user 'shop'@'10.0.0.1' (using password: YES)",
        "2026-11-28T04:00:00+00:00 250 Mo @ 3,5 Mo/s",
        "SELECT a FROM b WHERE c = %s AND d = ?",
    ],
)
def test_what_is_neither_stays(line):
    assert scrubbed(line) == line


def test_a_long_text_takes_no_longer_than_its_length():
    began = time.process_time()
    for piece in ("a" * 40, "%40", "a@", '"@', "@a.", "/0a", "\\u0040", "&a=", "token=", "a-", "=?a?q?", "csrf"):
        scrubbed(piece * (100_000 // len(piece)))
    assert time.process_time() - began < 8


def logged(message: str, path: str) -> str:
    """As Django logs a response, through the processors of a line."""
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, (path,), None)
    record.request = RequestFactory().get(path)
    record.request.path = path
    event = {"event": record.getMessage(), "_record": record}
    return json.dumps(logs.hide_typed_paths(None, "", event)["event"], ensure_ascii=False)


@fast
@hypothesis.given(st.lists(WORD | st.from_regex("0[1-9]([ .-]?[0-9]{2}){4}", fullmatch=True), min_size=1, max_size=4))
def test_no_word_that_was_typed_into_a_path_stays(words):
    hypothesis.assume(not set(words) & logs._words_of_urls())
    for message in ("Not Found: %s", "Forbidden (CSRF cookie not set.): %s", "Method Not Allowed (GET): %s"):
        line = logged(message, f"/recherche/{'/'.join(words)}/")
        assert "/recherche/" in line
        rest = line.replace(message.partition("%s")[0], "").replace("/recherche/", "")
        assert not [word for word in words if word in rest]


def test_words_of_our_own_urls_stay():
    assert logged("Not Found: %s", "/compte/commandes/") == '"Not Found: /compte/commandes/"'
    assert logged("Not Found: %s", "/en/wp-admin/x") == '"Not Found: /en/…/…"'
