"""Imports that are paused, stopped, killed or taken over."""

from datetime import timedelta

import pytest

from apps.catalogue.models import CatalogueImport, Product
from apps.imports import tasks
from apps.imports.catalogue import run
from apps.imports.models import ImportedProduct, ImportJob
from apps.imports.services import catalogue_imports, jobs, undo
from apps.imports.tests.importing import NOW, merchant
from apps.imports.tests.received import applied, confirmed, previewed, received

pytestmark = pytest.mark.django_db
LINES = [f"{number};Thé {number};Thés;3,00" for number in range(6)]
LIST = merchant(*LINES, header="ref;nom;rayon;prix_ttc")
LATER = NOW + jobs.STALE_AFTER + timedelta(seconds=1)


class Killed(BaseException):
    """As a worker that is killed: nothing after it runs."""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(run, "BATCH", 2)


def kill_after(monkeypatch, batches: int) -> None:
    """The worker dies at the next batch, and leaves its hold on the import as it is."""
    beat = jobs.Job.beat
    count = [0]

    def dying(job):
        count[0] += 1
        if count[0] > batches:
            raise Killed
        beat(job)

    monkeypatch.setattr(jobs.Job, "beat", dying)


def killed(monkeypatch, service, its, batches: int) -> None:
    with monkeypatch.context() as patched:
        kill_after(patched, batches)
        with pytest.raises(Killed):
            service(import_id=its.pk, now=NOW)
    # What `claimed` gives back at the end, a killed worker does not.
    ImportJob.objects.filter(received=its).update(worker="killed", beat_at=NOW)


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_an_import_whose_worker_was_killed_goes_on(monkeypatch, batches):
    its = confirmed(LIST)
    killed(monkeypatch, catalogue_imports.apply_import, its, batches)
    assert Product.objects.count() == batches * 2
    assert catalogue_imports.apply_import(import_id=its.pk, now=NOW) is False
    assert Product.objects.count() == batches * 2
    catalogue_imports.apply_import(import_id=its.pk, now=LATER)
    its.refresh_from_db()
    assert (its.status, Product.objects.count()) == ("DONE", 6)
    assert (its.report["created"], its.report["unchanged"]) == (6, 0)
    undo.start_undo(received=its, now=NOW)
    undo.undo_import(import_id=its.pk, now=NOW)
    assert set(Product.objects.values_list("state", flat=True)) == {"ARCHIVED"}


def test_a_preview_whose_worker_was_killed_is_found_and_made_again(monkeypatch):
    its = received(LIST)
    killed(monkeypatch, catalogue_imports.preview_import, its, 1)
    assert ImportedProduct.objects.count() == 2
    assert jobs.stale_imports(now=NOW) == []
    assert jobs.stale_imports(now=LATER) == [(its.pk, "RECEIVED", 0)]
    catalogue_imports.preview_import(import_id=its.pk, now=LATER)
    its.refresh_from_db()
    assert (its.status, ImportedProduct.objects.count(), jobs.stale_imports(now=LATER)) == ("PREVIEWED", 6, [])


def test_the_sweep_sends_lost_imports_on_and_ends_those_that_never_get_on(monkeypatch):
    its = received(LIST)
    monkeypatch.setattr("apps.imports.tasks.timezone.now", lambda: LATER)
    assert tasks.resume_imports() == 1
    its.refresh_from_db()
    assert its.status == "PREVIEWED"
    lost = received(LIST)
    ImportJob.objects.create(received=lost, attempts=jobs.MOST_ATTEMPTS, beat_at=NOW, worker="killed")
    tasks.resume_imports()
    lost.refresh_from_db()
    assert (lost.status, "erreur de notre part" in lost.problem) == ("REFUSED", True)


def test_a_worker_that_was_replaced_writes_nothing_more():
    its = confirmed(LIST)
    with jobs.claimed(its.pk, now=NOW) as first:
        with jobs.claimed(its.pk, now=NOW) as second:
            assert second is None
        with jobs.claimed(its.pk, now=LATER) as third:
            third.beat()
            with pytest.raises(jobs.Replaced):
                first.beat()


@pytest.mark.parametrize(("wish", "status"), [("PAUSE", "PAUSED"), ("STOP", "STOPPED")])
def test_a_running_import_obeys_after_its_batch(monkeypatch, wish, status):
    its = confirmed(LIST)
    store = run._Run._note

    def asked_meanwhile(self, outcome):
        store(self, outcome)
        if Product.objects.count() == 2:
            catalogue_imports.ask_to(received=its, wish=wish, now=NOW)

    with monkeypatch.context() as patched:
        patched.setattr(run._Run, "_note", asked_meanwhile)
        catalogue_imports.apply_import(import_id=its.pk, now=NOW)
    its.refresh_from_db()
    assert (its.status, its.wish, its.report["created"], Product.objects.count()) == (status, "", 2, 2)
    if wish == "PAUSE":
        catalogue_imports.resume_import(received=its)
        catalogue_imports.apply_import(import_id=its.pk, now=NOW)
        its.refresh_from_db()
        assert (its.status, its.report["created"]) == ("DONE", 6)
    else:
        assert undo.can_undo(its, now=NOW)
        with pytest.raises(catalogue_imports.NotToConfirm):
            catalogue_imports.resume_import(received=its)


def test_what_waits_for_a_person_is_stopped_at_once():
    its = previewed(LIST)
    catalogue_imports.ask_to(received=its, wish=CatalogueImport.Wish.STOP, now=NOW)
    its.refresh_from_db()
    assert (its.status, its.finished_at) == ("STOPPED", NOW)
    with pytest.raises(catalogue_imports.NotToConfirm):
        catalogue_imports.ask_to(received=applied(LIST), wish=CatalogueImport.Wish.STOP, now=NOW)


def test_an_import_by_command_that_was_killed_is_not_sent_to_a_worker(monkeypatch):
    with catalogue_imports.from_command(name="liste.csv", format_="auto", vat_class="STANDARD", now=NOW) as (its, _job):
        ImportJob.objects.filter(received=its).update(beat_at=NOW)
        monkeypatch.setattr("apps.imports.tasks.timezone.now", lambda: LATER)
        tasks.resume_imports()
        its.refresh_from_db()
    assert its.status == "REFUSED"
