from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.tests.prospects import colleague, filled_in
from apps.common.documents import documents
from apps.prospects import services
from apps.prospects.fields import CONTACT
from apps.prospects.models import Attachment, Note, Prospect, ProspectEvent
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db
ATTACK = '"><script>alert(1)</script>'


@pytest.fixture
def card():
    make_stages()
    return ProspectFactory(company="Ferme du Puits", phone="06 12 34 56 78")


@pytest.fixture
def staff(client):
    user = colleague(email="camille@exemple.fr", first_name="Camille", last_name="Martin")
    client.force_login(user)
    return user


def at(card, name="change", *args):
    prefix = "prospects_prospect" if name == "change" else "prospects_card"
    return reverse(f"admin:{prefix}_{name}", args=[card.pk, *args])


def as_staff(user):
    return services.Author(user=user)


class TestPage:
    def test_asks_as_many_queries_for_a_long_story_as_for_a_short_one(
        self, client, staff, card, django_assert_max_num_queries
    ):
        def fill(count):
            for number in range(count):
                services.add_note(
                    prospect_id=card.pk, text=f"n{number}", key=f"{count}-{number}", by=as_staff(staff),
                    now=timezone.now(),
                )  # fmt: skip
                Attachment.objects.create(
                    prospect=card, file="x", name="a.pdf", size=3, content_type="application/pdf",
                    created_at=timezone.now(),
                )  # fmt: skip

        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        fill(3)
        with CaptureQueriesContext(
            connection,
        ) as few:
            client.get(at(card))
        fill(30)
        with CaptureQueriesContext(connection) as many:
            response = client.get(at(card))
        assert response.status_code == 200
        assert len(many) == len(few)

    def test_tells_the_history_in_sentences(self, client, staff, card):
        now = timezone.now()
        services.move_prospect(
            prospect_id=card.pk, version=1, stage_code="perdu", reason="Trop cher", by=as_staff(staff), now=now
        )
        services.update_prospect(
            prospect_id=card.pk, version=2, changes={"company": "Ferme"}, by=as_staff(staff), now=now
        )
        page = client.get(at(card)).content.decode()
        assert "Camille Martin a déplacé la carte de «\u202fNouveau\u202f» à «\u202fPerdu\u202f»." in page
        assert "Motif\u202f: Trop cher" in page
        assert "Ferme du Puits → Ferme" in page

    @pytest.mark.parametrize("name", [field.name for field in CONTACT])
    def test_text_of_strangers_stays_text(self, client, staff, card, name):
        Prospect.objects.filter(pk=card.pk).update(**{name: ATTACK[:30]})
        ProspectEvent.objects.create(
            prospect=card, kind="CHANGED", at=timezone.now(), changes={name: ["", ATTACK]}, by_name=ATTACK
        )
        for url in (at(card), reverse("admin:prospects_prospect_changelist")):
            page = client.get(url).content.decode()
            assert "<script>alert" not in page
        assert escape(ATTACK) in client.get(at(card)).content.decode()

    def test_is_closed_to_who_may_not_see_prospects(self, client, card):
        client.force_login(StaffFactory())
        assert client.get(at(card)).status_code == 403
        assert client.post(at(card, "note"), {"text": "x", "key": "k"}).status_code == 403

    def test_knows_no_deleted_card(self, client, staff, card):
        services.delete_prospect(prospect_id=card.pk, by=as_staff(staff), now=timezone.now())
        assert client.get(at(card)).status_code == 404
        assert client.post(at(card), {}).status_code == 404

    @pytest.mark.parametrize("number", ["x", "0", "9" * 30])
    def test_bad_addresses_find_nothing(self, client, staff, number):
        assert client.get(reverse("admin:prospects_prospect_change", args=[number])).status_code in (302, 404)


class TestSaving:
    def test_changes_what_was_typed_and_nothing_else(self, client, staff, card):
        tomorrow = timezone.localdate() + timedelta(days=1)
        client.post(at(card), filled_in(card, next_action="Rappeler", next_action_date=tomorrow, assignee=staff.pk))
        card.refresh_from_db()
        assert (card.next_action, card.next_action_date, card.assignee, card.version) == (
            "Rappeler", tomorrow, staff, 2,
        )  # fmt: skip
        assert set(card.events.get().changes) == {"next_action", "next_action_date", "assignee"}

    def test_a_stale_save_changes_nothing_shows_what_changed_and_keeps_what_was_typed(self, client, staff, card):
        page = filled_in(card, company="Ferme d’en haut", next_action="Rappeler")
        services.update_prospect(
            prospect_id=card.pk,
            version=1,
            changes={"company": "Ferme d’en bas", "phone": "07 00 00 00 00"},
            by=services.Author(name="Paul"),
            now=timezone.now(),
        )
        response = client.post(at(card), page)
        assert response.status_code == 409
        card.refresh_from_db()
        assert (card.company, card.next_action, card.version) == ("Ferme d’en bas", "", 2)
        form = response.context["form"]
        assert form["company"].value() == "Ferme d’en haut"
        assert form["next_action"].value() == "Rappeler"
        assert form["phone"].value() == "07 00 00 00 00"
        conflicts = {conflict.label: conflict.is_mine for conflict in response.context["conflicts"]}
        assert conflicts == {"Société": True, "Téléphone": False}

        again = {bound.html_name: bound.value() or "" for bound in form}
        again |= {
            bound.html_initial_name: form.data[bound.html_initial_name]
            for bound in form
            if bound.field.show_hidden_initial
        }
        assert client.post(at(card), again).status_code == 302
        card.refresh_from_db()
        assert (card.company, card.next_action, card.phone) == ("Ferme d’en haut", "Rappeler", "07 00 00 00 00")

    def test_a_colleague_who_may_only_look_changes_nothing(self, client, card):
        user = colleague()
        user.groups.clear()
        from django.contrib.auth.models import Permission

        user.user_permissions.add(Permission.objects.get(codename="view_prospect"))
        client.force_login(user)
        assert client.get(at(card)).status_code == 200
        assert client.post(at(card), filled_in(card, company="x")).status_code == 403

    @pytest.mark.parametrize("typed", [{"email": "pas une adresse"}, {"first_name": ""}, {"assignee": "999999"}])
    def test_bad_input_is_named_beside_its_field(self, client, staff, card, typed):
        response = client.post(at(card), filled_in(card, **typed))
        assert response.status_code == 422
        assert set(response.context["form"].errors) == set(typed)

    def test_a_move_asks_its_reason(self, client, staff, card):
        stages = make_stages()
        lost = {"version": 1, "stage": stages["perdu"].pk}
        assert client.post(at(card, "move"), lost).status_code == 422
        assert client.post(at(card, "move"), lost | {"reason": "Trop cher"}).status_code == 302
        assert client.post(at(card, "move"), {"version": 1, "stage": stages["gagne"].pk}).status_code == 409
        card.refresh_from_db()
        assert card.stage == stages["perdu"]


class TestNotes:
    def test_a_colleague_who_is_named_gets_one_letter(self, client, staff, card, django_capture_on_commit_callbacks):
        paul = colleague(email="paul@exemple.fr", first_name="Paul")
        note = {"text": "Vu avec @paul et @personne <b>demain</b>", "key": "k"}
        for _ in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                assert client.post(at(card, "note"), note).status_code == 302
        (message,) = mail.outbox
        assert message.to == [paul.email]
        assert at(card) in message.body
        assert Note.objects.get().text == note["text"]
        page = client.get(at(card)).content.decode()
        assert "&lt;b&gt;demain&lt;/b&gt;" in page
        assert "@personne" in page

    def test_customers_are_not_colleagues(self, client, staff, card, django_capture_on_commit_callbacks):
        from apps.accounts.tests.factories import UserFactory

        UserFactory(email="lea@exemple.fr", first_name="Léa")
        with django_capture_on_commit_callbacks(execute=True):
            client.post(at(card, "note"), {"text": "@lea @lea@exemple.fr", "key": "k"})
        assert not mail.outbox

    @pytest.mark.parametrize("text", ["", "x" * 5001])
    def test_refuses_and_keeps_what_was_typed(self, client, staff, card, text):
        response = client.post(at(card, "note"), {"text": text, "key": "k"})
        assert response.status_code == 422
        assert response.context["note_form"]["text"].value() == text


class TestFiles:
    def send(self, client, card, name="devis.pdf", content=b"%PDF-1.7 x"):
        return client.post(at(card, "file"), {"file": SimpleUploadedFile(name, content)})

    def test_a_file_comes_back_as_a_download_and_is_nowhere_public(self, client, staff, card):
        assert self.send(client, card, name="Devis été.pdf").status_code == 302
        stored = card.attachments.get()
        response = client.get(at(card, "download", stored.pk))
        assert b"".join(response.streaming_content) == b"%PDF-1.7 x"
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]
        assert client.get(f"/media/{stored.file.name}").status_code == 404

    def test_only_who_sees_the_card_gets_its_files(self, client, staff, card):
        self.send(client, card)
        stored = card.attachments.get()
        assert client.get(at(ProspectFactory(), "download", stored.pk)).status_code == 404
        client.force_login(StaffFactory())
        assert client.get(at(card, "download", stored.pk)).status_code == 403
        client.logout()
        assert client.get(at(card, "download", stored.pk)).status_code == 302

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("page.html", b"<script>"),
            ("image.svg", b"<svg>"),
            ("devis.pdf", b"<script>"),
            ("devis.pdf", b""),
            ("virus.exe", b"MZ"),
            ("liste.txt", b"a\0b"),
            ("gros.pdf", b"%PDF-" + b"x" * (10 * 1024 * 1024)),
        ],
        ids=["html", "svg", "not a pdf", "empty", "exe", "binary", "too large"],
    )
    def test_refuses(self, client, staff, card, name, content):
        assert self.send(client, card, name, content).status_code == 422
        assert not Attachment.objects.exists()

    def test_a_deleted_file_leaves_the_storage_and_a_line_of_history(
        self, client, staff, card, django_capture_on_commit_callbacks
    ):
        self.send(client, card)
        stored = card.attachments.get()
        with django_capture_on_commit_callbacks(execute=True):
            client.post(at(card, "unfile", stored.pk))
        assert not documents().exists(stored.file.name)
        assert "a supprimé le fichier «\u202fdevis.pdf\u202f»." in client.get(at(card)).content.decode()

    def test_a_path_in_a_name_is_cut_off(self, client, staff, card):
        self.send(client, card, name="../../etc/devis.pdf")
        assert card.attachments.get().name == "devis.pdf"


class TestDuplicates:
    def test_are_shown_compared_merged_and_parted_again(self, client, staff, card):
        twin = ProspectFactory(phone="+33 6 12 34 56 78", company="Ferme", message="Bonjour")
        assert at(card, "compare", twin.pk) in client.get(at(card)).content.decode()
        page = client.get(at(card, "compare", twin.pk))
        assert {row.field for row in page.context["rows"] if row.takes_theirs} == {"message"}

        choice = {"version": 1, "other_version": 1, "company": "other", "email": "card", "message": "other"}
        assert client.post(at(card, "merge", twin.pk), choice).status_code == 302
        card.refresh_from_db()
        assert (card.company, card.message) == ("Ferme", "Bonjour")
        assert client.get(at(twin)).url == at(card)

        merge = card.merges.get()
        assert client.post(at(card, "unmerge", merge.pk)).status_code == 302
        card.refresh_from_db()
        assert (card.company, card.message) == ("Ferme du Puits", "")
        assert client.get(at(twin)).status_code == 200

    def test_a_card_that_changed_meanwhile_is_read_again_first(self, client, staff, card):
        twin = ProspectFactory(phone=card.phone)
        response = client.post(at(card, "merge", twin.pk), {"version": 1, "other_version": "7"})
        assert response.status_code == 409
        assert client.post(at(card, "merge", twin.pk), {"version": "x", "other_version": "²"}).status_code == 409
        twin.refresh_from_db()
        assert twin.merged_into is None
