from django.core import mail as outbox
from django.test import override_settings

from apps.common import mail, tasks
from apps.common.identity import shop_identity

TEXT = "Bonjour,\n\nUn mot <de> nous.\n\nConfirmer mon adresse\u202f:\nhttps://boutique.example/a/?b=1&c=2\n"


def text_message(**changes):
    values = {"subject": " Un\nsujet ", "text": TEXT, "to": "a@exemple.fr", "language": "fr", "key": "x"}
    return mail.compose_text(**(values | changes))


def test_a_message_has_a_text_and_an_html_twin():
    message = text_message()
    html = message.alternatives[0].content
    assert message.subject == "Un sujet"
    assert "Un mot <de> nous." in message.body
    assert "Un mot &lt;de&gt; nous." in html
    assert 'href="https://boutique.example/a/?b=1&amp;c=2"' in html
    assert ">Confirmer mon adresse</a>" in html
    assert '<html lang="fr">' in html


def test_an_unknown_language_falls_back_to_french():
    assert '<html lang="fr">' in text_message(language="xx").alternatives[0].content


@override_settings(SITE_URL="https://boutique.example")
def test_the_message_id_depends_on_the_occasion_alone():
    assert mail.message_id("a") == mail.message_id("a") != mail.message_id("b")
    assert mail.message_id("a").endswith("@boutique.example>")


def test_replies_reach_the_shop_by_default():
    assert text_message().reply_to == [shop_identity().email]
    assert text_message(reply_to=["b@exemple.fr"]).reply_to == ["b@exemple.fr"]


def test_the_worker_sends_what_was_composed(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tasks.send_after_commit(text_message(reply_to=["b@exemple.fr"]), key="x")
    [sent] = outbox.outbox
    assert sent.to == ["a@exemple.fr"]
    assert sent.reply_to == ["b@exemple.fr"]
    assert sent.extra_headers["Message-ID"] == mail.message_id("x")
