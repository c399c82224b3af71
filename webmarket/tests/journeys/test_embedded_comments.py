"""The comments' script embedded in another site, under that site's content security policy."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps.comments.models import Comment, Report
from apps.comments.tests.factories import CommentFactory
from webmarket.tests.journeys.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser
SECTION = "recette-12"
# A proof of work takes seconds where two processors are shared.
PATIENCE = 60_000


@pytest.fixture
def other_site(shop: str, settings) -> Iterator[Callable[[str], str]]:
    """Serves one page from another origin; `other_site("fr")` returns its URL."""
    html = (Path(__file__).parent / "pages" / "embedding.html").read_text()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            language = "en" if "en" in self.path else "fr"
            self.send_response(200 if "." not in self.path else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.replace('lang="fr"', f'lang="{language}"').format(shop=shop).encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{server.server_port}"
    settings.CORS_ALLOWED_ORIGINS = [origin]
    yield lambda language: f"{origin}/{language}"
    server.shutdown()
    server.server_close()


def write(page, text: str) -> None:
    page.click("summary")
    page.fill("[name=author]", "Sacha")
    page.fill("[name=text]", text)
    page.click("details .main")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_shows_a_list_and_a_form_that_everyone_can_use(page, look, other_site, size, language):
    page.set_viewport_size(size)
    question = CommentFactory(section_id=SECTION, author="Émile", text="Avec du beurre salé ?")
    CommentFactory(section_id=SECTION, parent=question, author="Aline", by_team=True, text="Toujours.")
    CommentFactory(section_id=SECTION, author="נועה", text="טעים מאוד 🧀 https://exemple.fr/")
    page.goto(other_site(language))
    page.wait_for_selector("li >> nth=2")
    page.click("summary")
    look(page, f"ailleurs-{language}")
    assert page.locator("li a").get_attribute("rel") == "nofollow ugc"
    expect(page.get_by_text("Comments" if language == "en" else "Commentaires", exact=True)).to_be_visible()


def test_what_is_proved_appears_and_is_changed_and_taken_back(page, other_site):
    page.goto(other_site("fr"))
    page.wait_for_selector("text=Personne n’a encore écrit")
    write(page, "Très bonne recette <b>🧀</b>")
    page.wait_for_selector("li:has-text('<b>🧀</b>')", timeout=PATIENCE)
    assert (
        page.evaluate("document.querySelector('script + div').shadowRoot.activeElement.getAttribute('role')")
        == "status"
    )
    assert Comment.objects.get().first_status == "PUBLISHED"
    page.reload()
    page.click("li button:has-text('Modifier')")
    page.fill("form.small [name=text]", "Corrigé")
    page.click("form.small .main")
    page.wait_for_selector("li:has-text('Corrigé')")
    page.click("li button:has-text('Supprimer')")
    page.wait_for_selector("text=Votre commentaire est supprimé.")
    assert not Comment.objects.exists()


def test_answers_and_reports(page, other_site):
    comment = CommentFactory(section_id=SECTION)
    page.goto(other_site("fr"))
    page.click("li button:has-text('Répondre')")
    page.fill("form.small [name=author]", "Sacha")
    page.fill("form.small [name=text]", "D’accord.")
    page.click("form.small .main")
    page.wait_for_selector("li li:has-text('D’accord.')", timeout=PATIENCE)
    page.click("li button:has-text('Signaler')")
    page.select_option("[name=reason]", "offensive")
    page.click("form.small .main")
    page.wait_for_selector("text=nous allons le relire")
    assert Report.objects.get().comment == comment


def test_without_the_proof_it_waits_and_says_so(page, other_site):
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    page.goto(other_site("en"))
    write(page, "A first word")
    page.wait_for_selector("text=as soon as we have read it")
    assert Comment.objects.get().status == "PENDING"


def test_goes_on_to_older_ones(page, other_site):
    CommentFactory.create_batch(25, section_id=SECTION)
    page.goto(other_site("fr"))
    page.click("text=Commentaires plus anciens")
    page.wait_for_selector("li >> nth=24")
    expect(page.get_by_text("Commentaires plus anciens")).to_be_hidden()


def test_a_site_that_is_not_allowed_reads_and_writes_nothing(page, other_site, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://autre.example"]
    CommentFactory(section_id=SECTION, text="Secret de famille")
    page.goto(other_site("fr"))
    page.wait_for_selector("text=Pas de réponse")
    expect(page.locator("li")).to_have_count(0)
