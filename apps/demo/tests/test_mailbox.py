import pytest
from django.core.mail import get_connection
from django.urls import reverse

from apps.common import mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(settings, tmp_path):
    settings.EMAIL_FILE_PATH = str(tmp_path)
    with get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(tmp_path)) as connection:
        for subject in ("Premier", "Deuxième"):
            text = "Bonjour,\n\nÀ vous :\nhttp://127.0.0.1:8000/lien/"
            message = mail.compose_text(subject=subject, text=text, to="a@exemple.fr", language="fr", key=subject)
            message.connection = connection
            message.send()


def test_lists_and_shows_what_was_sent(client, box):
    page = client.get(reverse("demo:mailbox")).content.decode()
    assert "Premier" in page
    [key] = {link.partition("/")[0] for link in page.split('href="/demo/courrier/')[1:] if "Deuxième" in link[:200]}
    page = client.get(reverse("demo:mail", args=[key])).content.decode()
    assert '<a href="http://127.0.0.1:8000/lien/"' in page
    assert "sandbox=" in page
    html = client.get(reverse("demo:mail_html", args=[key]))
    before, _base, after = html.content.decode().partition('<base target="_top">')
    assert before.strip() == "<!doctype html>"
    assert "À vous" in after
    assert "default-src 'none'" in html["Content-Security-Policy"]
    assert "sandbox" in html["Content-Security-Policy"]
    assert html["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("key", ["x.0", "..%2F..%2Fetc%2Fpasswd.0", "%00.0", ".", "a" * 3000])
def test_what_is_not_there_is_404(client, box, key):
    assert client.get(f"/demo/courrier/{key}/").status_code in (400, 404)


def test_a_demonstration_on_the_net_shows_it_to_the_team_alone(client, box, settings, admin_client):
    settings.SITE_URL = "https://demo.example"
    assert client.get(reverse("demo:mailbox")).status_code == 404
    assert admin_client.get(reverse("demo:mailbox")).status_code == 200
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert client.get(reverse("demo:mailbox"), REMOTE_ADDR="192.0.2.7").status_code == 404
