"""`reconcile_payouts` as a command: its sentence, its exit code, and a dry run that asks nobody."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.operations.runs.report import Reporter
from apps.operations.services.payouts import run
from apps.payments.models import Payout
from apps.payments.tests.factories import PaymentFactory
from apps.payments.tests.fixtures import with_stripe  # noqa: F401
from apps.payments.tests.stripe_api import OBJECTS, StripeApi

pytestmark = pytest.mark.django_db(transaction=True)


def reconcile(*, dry_run: bool = False):
    return run(dry_run=dry_run, report=Reporter(), now=timezone.now())


def test_a_shop_without_such_a_provider_has_nothing_to_do(db):
    assert reconcile().is_idle


def test_says_and_fails_until_everything_is_explained(with_stripe: StripeApi):  # noqa: F811
    payment = PaymentFactory(gateway="stripe", reference="pi_1", status="CAPTURED", captured_at=timezone.now())
    intent = OBJECTS["payment_intent"] | {"id": "pi_1", "amount_received": 0}
    with_stripe._capture(intent, int(payment.amount * 100))
    with_stripe.pay_out()
    assert reconcile(dry_run=True).data["payouts"] == 0
    assert not Payout.objects.exists()
    found = reconcile()
    assert (found.ok, found.data["lines"]) == (True, 1)
    call_command("reconcile_payouts")
    with_stripe._line(1500, 10, source={"id": "ch_x", "object": "charge"}, sort="charge", category="charge")
    with_stripe.pay_out()
    with pytest.raises(SystemExit):
        call_command("reconcile_payouts")
    calls = len(with_stripe.calls)
    again = reconcile(dry_run=True)
    assert (again.ok, again.data["unexplained"], len(with_stripe.calls)) == (False, 1, calls)
