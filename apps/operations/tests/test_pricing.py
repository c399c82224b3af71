"""The engine that prices what runs in an account and what Terraform plans."""

from decimal import Decimal

from apps.operations import pricing
from apps.operations.price_list import price_list

PARIS = price_list("eu-west-3")


def test_adds_up_what_is_billed():
    amount = pricing.price(pricing.database("db.t4g.micro", 20, multi_az=True), PARIS)
    assert amount.dollars == 2 * (730 * Decimal("0.018") + 20 * Decimal("0.133"))
    assert amount.euros == amount.dollars * Decimal("0.86")
    assert (amount.unknown, amount.unconfirmed) == ((), ())


def test_names_what_is_not_known_and_adds_nothing():
    quantities = [pricing.public_ipv4(), pricing.instance("x1e.32xlarge"), pricing.stored_objects(None)]
    amount = pricing.price(quantities, PARIS)
    assert (amount.dollars, amount.euros) == (None, None)
    assert amount.unknown == ("ec2.x1e.32xlarge", "s3.standard_gb_month")
    assert pricing.price(quantities[:1], None).unknown == ("ipv4.hour",)


def test_marks_prices_that_nobody_has_confirmed():
    assert pricing.price([pricing.instance("t3.micro")], PARIS).unconfirmed == ("ec2.t3.micro",)
    assert pricing.price([pricing.instance("t4g.small")], PARIS).unconfirmed == ()


def test_an_alarm_costs_by_the_metrics_it_reads():
    assert pricing.alarms([0, 0, 2])[1] == 4
