"""Fifty at once, and a process that is killed: no gap, no double."""

import os
import signal
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from apps.common.tests.races import race
from apps.invoicing.models import Document
from apps.invoicing.services import check_documents, issue_credit_note, issue_invoice, issue_missing, verify_chain
from apps.invoicing.services.close import close_ended
from apps.invoicing.tests.factories import given_back, sale

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mysql]


def sequences(kind: str) -> list[int]:
    return list(Document.objects.filter(kind=kind).order_by("position").values_list("sequence", flat=True))


def test_fifty_documents_at_once_have_the_numbers_one_to_fifty():
    now = timezone.now()
    refunded = sale(now=now)
    issue_invoice(order=refunded, now=now)
    refunds = [given_back(refunded, "0.10", now=now) for _each in range(10)]
    orders = [sale(now=now) for _each in range(20)]
    # Each order twice: a sweep on two hosts.
    results = race(
        *[partial(issue_invoice, order=order, now=timezone.now()) for order in orders for _twice in range(2)],
        *[partial(issue_credit_note, refund=refund, now=timezone.now()) for refund in refunds],
    )
    assert [each for each in results if isinstance(each, Exception)] == []
    assert sequences("INVOICE") == list(range(1, 22))
    assert sequences("CREDIT_NOTE") == list(range(1, 11))
    assert list(verify_chain()) == []
    assert check_documents() == []


def test_nothing_is_dated_in_a_day_that_is_being_closed():
    now = timezone.now()
    issue_invoice(order=sale(now=now), now=now - timedelta(days=3))
    late = [partial(issue_invoice, order=sale(now=now), now=now - timedelta(days=2)) for _each in range(6)]
    race(*late, partial(close_ended, now=now))
    assert list(verify_chain()) == []


@pytest.mark.parametrize("table", [f"invoicing_{name}" for name in ("series", "document", "documentvat", "chain")])
def test_a_process_that_is_killed_takes_no_number_with_it(table):
    now = timezone.now()
    issue_invoice(order=sale(now=now), now=now)
    order = sale(now=now)
    # The child must not close what the parent talks over.
    connection.close()
    child = os.fork()
    if child == 0:
        _die_while_issuing(order, table)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert Document.objects.count() == 1
    assert issue_missing(now=timezone.now()) == 1
    assert sequences("INVOICE") == [1, 2]
    assert list(verify_chain()) == []


def _die_while_issuing(order, table: str) -> None:
    def wrapper(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if f"`{table}`" in sql and sql.startswith(("INSERT", "UPDATE")):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with connection.execute_wrapper(wrapper):
        issue_invoice(order=order, now=timezone.now())
    os._exit(1)
