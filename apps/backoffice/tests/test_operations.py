import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from apps.accounts.tests.factories import UserFactory
from apps.operations.models import OperationRun
from apps.operations.tasks import TASKS

pytestmark = pytest.mark.django_db
RUNS = "/admin/operations/operationrun/"


@pytest.fixture
def staff(client):
    def log_in(*rights: str):
        user = UserFactory(is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        client.force_login(user)
        return user

    return log_in


def test_who_may_only_look_starts_nothing(client, staff):
    staff("view_operationrun")
    page = client.get(RUNS)
    assert page.status_code == 200
    start = reverse("admin:operations_start", args=["publish_metrics"])
    assert start not in page.content.decode()
    assert client.post(start).status_code == 403


def test_who_may_starts_an_operation_and_sees_it(client, staff, django_capture_on_commit_callbacks):
    user = staff("view_operationrun", "start_operation")
    start = reverse("admin:operations_start", args=["publish_metrics"])
    assert start in client.get(RUNS).content.decode()
    assert client.get(start).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(start, {"dry_run": "on"}).status_code == 302
    run = OperationRun.objects.get()
    assert (run.started_by, run.source, run.is_dry_run) == (user, "BACK_OFFICE", True)
    assert "Mesures" in client.get(RUNS).content.decode()
    OperationRun.objects.update(links={"tableau de bord": "https://aws.example/"})
    page = client.get(f"{RUNS}{run.pk}/change/").content.decode()
    assert '<a href="https://aws.example/"' in page
    assert "OrdersPlaced" in page


def test_a_second_start_is_refused_and_says_who_runs_it(client, staff):
    """No worker takes the first one's message here: it is not committed."""
    first = staff("view_operationrun", "start_operation")
    start = reverse("admin:operations_start", args=["publish_metrics"])
    assert client.post(start, {"dry_run": ""}).status_code == 302
    staff("view_operationrun", "start_operation")
    page = client.post(start, {"dry_run": ""})
    assert page.status_code == 409
    assert "pas encore commencée" in page.content.decode()
    assert str(first) in page.content.decode()
    states = list(OperationRun.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["QUEUED", "REFUSED"]
    runs = client.get(RUNS).content.decode()
    assert "en attente" in runs
    assert "refusée" in runs


def test_what_the_queue_does_not_take_holds_nothing_back(client, staff, monkeypatch):
    staff("view_operationrun", "start_operation")
    task = TASKS["publish_metrics"]

    def refuse(**_):
        raise ConnectionError("the broker is down")

    monkeypatch.setattr(task, "delay_on_commit", refuse)
    with pytest.raises(ConnectionError):
        client.post(reverse("admin:operations_start", args=["publish_metrics"]), {"dry_run": ""})
    assert not OperationRun.objects.exists()


def test_an_operation_that_does_not_exist_is_not_found(client, staff):
    staff("start_operation")
    assert client.get(reverse("admin:operations_start", args=["nothing"])).status_code == 404


def test_due_jobs_are_a_list(client, staff):
    staff("view_duejob")
    assert client.get("/admin/operations/duejob/").status_code == 200
