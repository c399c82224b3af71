"""The engine that prices what runs in an account and what Terraform plans."""

from decimal import Decimal

import pytest

from apps.operations import pricing
from apps.operations.price_list import price_list

PARIS = price_list("eu-west-3")


def test_adds_up_what_is_billed():
    amount = pricing.price(pricing.database("db.t4g.micro", 20, multi_az=True), PARIS)
    assert amount.dollars == 2 * (730 * Decimal("0.018") + 20 * Decimal("0.133"))
    assert amount.euros == amount.dollars * Decimal("0.86")
    assert (amount.unknown, amount.unconfirmed) == ((), ())


def test_names_what_is_not_known_and_adds_nothing():
    quantities = [pricing.public_ipv4(), pricing.instance("p99.large"), pricing.stored_objects(None)]
    amount = pricing.price(quantities, PARIS)
    assert (amount.dollars, amount.euros) == (None, None)
    assert amount.unknown == ("ec2.p99.large", "s3.standard_gb_month")
    assert pricing.price(quantities[:1], None).unknown == ("ipv4.hour",)


def test_marks_prices_that_nobody_has_confirmed():
    assert pricing.price([pricing.instance("c5.large")], PARIS).unconfirmed == ("ec2.c5.large",)
    assert pricing.price([pricing.instance("t4g.small")], PARIS).unconfirmed == ()


def test_an_alarm_costs_by_the_metrics_it_reads():
    assert pricing.alarms([0, 0, 2])[1] == 4


@pytest.mark.parametrize(
    ("region", "kind", "hour"),
    [
        ("eu-west-3", "m5.large", "0.112"),
        ("eu-west-3", "m5.2xlarge", "0.448"),
        ("eu-west-3", "r5.4xlarge", "1.184"),
        ("eu-central-1", "m5.large", "0.115"),
        ("eu-central-1", "t4g.small", "0.0192"),
    ],
)
def test_prices_of_types_that_the_platform_does_not_use(region, kind, hour):
    assert price_list(region).of("ec2", kind) == Decimal(hour)


@pytest.mark.parametrize("region", ["eu-west-3", "eu-central-1"])
def test_within_a_family_the_price_goes_with_the_size(region):
    """Dedicated tenancy is dearer by 6 to 10 percent: none of it stands in the table."""
    hours = price_list(region).prices["ec2"]
    assert len(hours) > 350
    for kind, price in hours.items():
        family, _dot, size = kind.partition(".")
        if size == "xlarge" and f"{family}.2xlarge" in hours:
            assert hours[f"{family}.2xlarge"] / price == pytest.approx(Decimal(2), rel=Decimal("0.005")), kind


@pytest.mark.parametrize(
    ("region", "kind", "hour", "is_confirmed"),
    [
        ("eu-west-3", "db.r5.xlarge", "0.56", True),
        ("eu-west-3", "db.r5.4xlarge", "2.24", False),
        ("eu-west-3", "db.m5.large", "0.198", False),
        ("eu-west-3", "db.t3.micro", "0.019", False),
        # Of the region's own table.
        ("eu-west-3", "db.t4g.micro", "0.018", True),
        ("eu-central-1", "db.m5.xlarge", "0.406", True),
        ("eu-central-1", "db.t3.small", "0.04", False),
    ],
)
def test_prices_of_databases(region, kind, hour, is_confirmed):
    prices = price_list(region)
    assert prices.of("rds", kind) == Decimal(hour)
    assert (f"rds.{kind}" not in prices.unconfirmed) is is_confirmed
    amount = pricing.price(pricing.database(kind, 100, multi_az=False), prices)
    assert amount.dollars > Decimal(hour) * 730


@pytest.mark.parametrize("kind", ["db.r7g.large", "db.m6i.large"])
def test_a_database_that_the_list_does_not_know_has_no_price(kind):
    assert pricing.price(pricing.database(kind, 100, multi_az=False), PARIS).unknown == (f"rds.{kind}",)


def test_a_database_of_another_engine_is_not_priced_as_mysql():
    for engine in ("postgres", "aurora-mysql", "sqlserver-ee"):
        amount = pricing.price(pricing.database("db.r5.large", 100, multi_az=False, engine=engine), PARIS)
        assert (amount.dollars, amount.unknown) == (None, (f"rds.{engine} db.r5.large",))
    assert pricing.price(pricing.database("db.r5.large", 100, multi_az=False, engine="mariadb"), PARIS).dollars


def test_fast_disks_pay_for_their_speed():
    assert pricing.volume_speed("gp3", iops=3000, megabytes=125) == ()
    assert pricing.volume_speed("gp3", iops=4000, megabytes=250) == (
        ("ebs.gp3_iops_month", Decimal(1000)),
        ("ebs.gp3_mbps_month", Decimal(125)),
    )
    assert pricing.volume_speed("io2", iops=6000, megabytes=0) == (("ebs.io2_iops_month", Decimal(6000)),)
    assert pricing.volume_speed("gp2", iops=300, megabytes=0) == ()
