"""What goes to the administration: by day and rate for consumers, one by one for businesses, each once."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import facturx
import pytest

from apps.common.documents import documents
from apps.invoicing.models import Document
from apps.invoicing.platforms import platform
from apps.invoicing.platforms.base import Platform
from apps.invoicing.reporting import last_decade, sales_report
from apps.invoicing.services import issue_missing
from apps.invoicing.tests.factories import given_back, sale
from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.reporting import report_sales

pytestmark = pytest.mark.django_db
TENTH = datetime(2026, 11, 10, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 12, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def sales(tmp_path, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "documents": {"BACKEND": "apps.common.documents.DocumentsOnDisk", "OPTIONS": {"location": tmp_path}},
    }
    order = sale(("12.50", 2, "5.5"), ("30.00", 1, "20.0"), delivery="0.00", now=TENTH)
    sale(("120.00", 1, "20.0"), delivery="0.00", company="Épicerie Fine SARL", now=TENTH)
    issue_missing(now=TENTH, everything=True)
    given_back(order, "55.00", now=TENTH + timedelta(days=1))
    sale(("6.00", 1, "20.0"), delivery="0.00", now=TENTH)
    issue_missing(now=TENTH + timedelta(days=1), everything=True)


def run(**changes):
    options = {"first": None, "last": None, "dry_run": False, "now": NOW} | changes
    return report_sales(**options, report=Reporter())


@pytest.mark.parametrize(
    ("today", "period"),
    [
        (date(2026, 11, 1), (date(2026, 10, 21), date(2026, 10, 31))),
        (date(2026, 11, 10), (date(2026, 10, 21), date(2026, 10, 31))),
        (date(2026, 11, 11), (date(2026, 11, 1), date(2026, 11, 10))),
        (date(2026, 11, 30), (date(2026, 11, 11), date(2026, 11, 20))),
        (date(2028, 3, 5), (date(2028, 2, 21), date(2028, 2, 29))),
    ],
)
def test_the_last_third_of_a_month(today, period):
    assert last_decade(today) == period


def test_days_and_rates_of_consumers_alone():
    totals = sales_report(date(2026, 11, 1), date(2026, 11, 11)).totals
    assert [(each.day.day, each.rate, each.net, each.vat) for each in totals] == [
        (10, Decimal("20.0"), Decimal("25.00"), Decimal("5.00")),
        (10, Decimal("5.5"), Decimal("23.70"), Decimal("1.30")),
        (11, Decimal("20.0"), Decimal("-20.00"), Decimal("-4.00")),
        (11, Decimal("5.5"), Decimal("-23.70"), Decimal("-1.30")),
    ]


def test_a_dry_run_shows_and_sends_nothing():
    outcome = run(dry_run=True)
    assert (outcome.data["net"], outcome.data["invoices"]) == (Decimal("48.70"), 1)
    assert not documents().exists("platform")


def test_each_is_sent_once():
    run()
    name = "platform/sales-2026-11-01-2026-11-10.json"
    with documents().open(name) as file:
        report = json.load(file)["report"]
    assert [each["net"] for each in report["totals"]] == ["25.00", "23.70"]
    number = Document.objects.exclude(order__company="").get().number
    with documents().open(f"platform/{number}.xml") as file:
        facturx.xml_check_xsd(file.read(), flavor="factur-x", level="en16931")
    run()
    assert len(documents().listdir("platform")[1]) == 2


def test_a_period_that_has_not_ended_is_refused():
    for first, last in ((date(2026, 11, 1), date(2026, 11, 12)), (date(2026, 11, 9), date(2026, 11, 8))):
        with pytest.raises(OperationFailed):
            run(first=first, last=last)


def test_the_adapter_keeps_the_port():
    assert isinstance(platform(), Platform)
