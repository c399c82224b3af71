import threading
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from apps.common import transactions
from apps.common.models import CacheEntry
from apps.common.transactions import ATTEMPTS, RETRIED, retry_on_deadlock


class Failing:
    """A service that fails with `code` so many times before it succeeds."""

    def __init__(self, code: int, times: int) -> None:
        self.code, self.times, self.calls = code, times, 0

    def __call__(self) -> int:
        self.calls += 1
        if self.calls <= self.times:
            raise OperationalError(self.code, "as MySQL says it")
        return self.calls


@pytest.fixture
def outermost(monkeypatch):
    """As in production: no test's transaction around the service."""
    monkeypatch.setattr(transactions, "connection", SimpleNamespace(in_atomic_block=False))


@pytest.mark.parametrize("code", sorted(RETRIED))
def test_runs_again_after_a_deadlock_or_a_long_wait(outermost, code):
    service = Failing(code, ATTEMPTS - 1)
    assert retry_on_deadlock(service.__call__)() == ATTEMPTS


@pytest.mark.parametrize("code", sorted(RETRIED))
def test_gives_up_after_the_last_attempt(outermost, code):
    service = Failing(code, ATTEMPTS)
    with pytest.raises(OperationalError):
        retry_on_deadlock(service.__call__)()
    assert service.calls == ATTEMPTS


@pytest.mark.parametrize("code", [2006, 1054])
def test_runs_nothing_again_after_another_error(outermost, code):
    service = Failing(code, 1)
    with pytest.raises(OperationalError):
        retry_on_deadlock(service.__call__)()
    assert service.calls == 1


@pytest.mark.django_db
def test_leaves_an_outer_transaction_to_its_owner():
    service = Failing(1205, 1)
    with transaction.atomic(), pytest.raises(OperationalError):
        retry_on_deadlock(service.__call__)()
    assert service.calls == 1


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_waits_for_a_row_that_another_transaction_holds_too_long():
    entry = CacheEntry.objects.create(cache_key="held", value="before", expires=timezone.now())
    held, let_go = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            CacheEntry.objects.select_for_update().get(pk=entry.pk)
            held.set()
            let_go.wait(20)
        connections.close_all()

    attempts = []

    @retry_on_deadlock
    def change():
        attempts.append(1)
        if len(attempts) > 1:
            let_go.set()
        with transaction.atomic():
            row = CacheEntry.objects.select_for_update().get(pk=entry.pk)
            row.value = "after"
            row.save(update_fields=["value"])

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION innodb_lock_wait_timeout = 1")
        change()
    finally:
        let_go.set()
        holder.join()
        connection.close()
    entry.refresh_from_db()
    assert entry.value == "after"
    assert len(attempts) == 2


@pytest.mark.mysql
@pytest.mark.django_db
def test_a_wait_for_a_lock_is_shorter_than_a_request():
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@SESSION.innodb_lock_wait_timeout")
        (seconds,) = cursor.fetchone()
    assert seconds * ATTEMPTS < 30
