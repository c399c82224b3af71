from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.common import revisions
from apps.shop.identity import current, identity_of
from apps.shop.models import Shop
from apps.shop.requirements import missing
from apps.shop.services import save_shop, the_row
from apps.shop.tests.factories import COMPLETE, identity_with, write_shop


def test_what_is_displayed_is_made_of_its_parts():
    shop = identity_with(**COMPLETE)
    assert shop.company == "Camille Primeurs SARL"
    assert shop.registration == "RCS Lyon 732 829 320"
    assert shop.address == "3 place du Marché, 69002 Lyon, France"
    assert shop.iban == "FR14 2004 1010 0505 0001 3M02 606"
    assert shop.siren == "732829320"
    assert shop.sender == '"Chez Camille" <bonjour@chez-camille.fr>'
    assert shop.is_open is True  # tests run in a demonstration


def test_nothing_is_written_twice():
    assert identity_with(company="Camille SARL", legal_form="SARL").company == "Camille SARL"
    assert identity_with(registration="RCS Lyon 732 829 320", siret="73282932000074").registration == (
        "RCS Lyon 732 829 320"
    )
    assert identity_with(siret="73282932000074").registration == "SIREN 732 829 320"


def test_an_unfinished_address_is_none():
    assert identity_with(street="3 place du Marché").address == ""
    assert identity_with(city="Lyon").address == ""


def test_the_environment_wins_over_the_row_and_the_row_over_the_demo():
    fixed, invented = {"name": "Fixé", "address": "Ailleurs"}, {"name": "Inventé", "phone": "0", "email": "x@y.fr"}
    shop = identity_of(Shop(name="Ligne", phone="1", street="3 place", city="Lyon"), fixed=fixed, invented=invented)
    assert (shop.name, shop.phone, shop.email) == ("Fixé", "1", "x@y.fr")
    assert (shop.address, shop.street, shop.city) == ("Ailleurs", "", "")


def test_a_name_with_quotes_stays_one_sender():
    assert identity_with(name='Le "bon" coin', email="a@b.fr").sender == '"Le \\"bon\\" coin" <a@b.fr>'


def test_a_shop_without_facts_writes_from_its_own_host(settings):
    settings.SHOP_INVENTED, settings.SITE_URL = {}, "https://www.boutique.test"
    assert identity_with().sender == "boutique@www.boutique.test"


class TestWhatTheLawNeeds:
    def test_nothing_is_missing_of_a_complete_shop(self):
        assert missing(identity_with(**COMPLETE)) == []

    @pytest.mark.parametrize(
        ("emptied", "field"),
        [
            ({"name": ""}, "name"),
            ({"company": ""}, "company"),
            ({"capital": ""}, "capital"),
            ({"siret": "", "registration": ""}, "siret"),
            ({"vat_number": ""}, "vat_number"),
            ({"street": ""}, "street"),
            ({"phone": ""}, "phone"),
            ({"email": ""}, "email"),
            ({"publisher": ""}, "publisher"),
            ({"host": ""}, "host"),
            ({"mediator": ""}, "mediator"),
        ],
    )
    def test_each_fact_is_asked_for(self, emptied, field):
        assert [each.field for each in missing(identity_with(**COMPLETE | emptied))] == [field]

    def test_a_sole_trader_has_no_capital_and_may_charge_no_vat(self):
        facts = COMPLETE | {"legal_form": "EI", "capital": "", "vat_number": "", "vat_franchise": True}
        assert missing(identity_with(**facts)) == []

    def test_a_bank_account_is_not_the_law_s(self):
        assert missing(identity_with(**COMPLETE | {"iban": "", "bic": ""})) == []


@pytest.mark.django_db
class TestTheRow:
    def test_it_is_one(self):
        the_row()
        with pytest.raises(IntegrityError), transaction.atomic():
            Shop.objects.create(pk=2)

    def test_it_is_read_with_the_revisions_in_one_query_and_then_costs_none(self):
        write_shop(name="Chez Camille")
        with revisions.one_state():
            with CaptureQueriesContext(connection) as first:
                assert current().name == "Chez Camille"
            with CaptureQueriesContext(connection) as then:
                assert current().name == "Chez Camille"
                revisions.of("catalogue")
        assert len(first) == 2
        assert len(then) == 0

    def test_a_change_is_read_at_once_by_who_made_it(self):
        write_shop(name="Avant")
        assert current().name == "Avant"
        write_shop(name="Après")
        assert current().name == "Après"

    def test_each_version_is_kept_with_who_and_when(self, django_user_model):
        author = django_user_model.objects.create_user("a@b.fr")
        for name in ("Avant", "Après"):
            shop = the_row()
            shop.name = name
            save_shop(shop=shop, by=author)
        history = Shop.history.order_by("history_id").filter(history_type="~")
        assert list(history.values_list("name", "history_user")) == [("Avant", author.pk), ("Après", author.pk)]
        assert len({*history.values_list("version", flat=True)}) == 2

    def test_a_former_prefix_is_kept(self):
        write_shop(order_prefix="ABC")
        write_shop(order_prefix="ABC")
        write_shop(order_prefix="XY")
        assert current().order_prefix == "XY"
        assert current().former_prefixes == ("ABC", "WM")
        write_shop(order_prefix="WM")
        assert current().former_prefixes == ("XY", "ABC")


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_never_read():
    """Neither by another process nor, afterwards, by the one that wrote it."""
    write_shop(name="Avant")
    with transaction.atomic():
        write_shop(name="Jamais")
        assert current().name == "Jamais"
        transaction.set_rollback(True)
    revisions.invalidate()
    assert current().name == "Avant"


def test_rules_are_read_from_it():
    shop = identity_with(
        cutoff=time(11), working_days="15", closures=[["2026-12-24", "2027-01-02", ""]], transfer_hold_days=3
    )
    assert shop.cutoff == time(11)
    assert shop.working_days == {1, 5}
    assert shop.closed_on(date(2026, 12, 31))
    assert shop.transfer_hold == timedelta(days=3)
    assert identity_with(opened_at=datetime(2026, 1, 1, tzinfo=UTC)).is_open


def test_a_shop_without_a_name_is_called_by_its_host(settings):
    settings.SITE_URL = "https://www.boutique.test"
    assert (identity_with().name, identity_with().is_named) == ("boutique.test", False)
    assert identity_with(name="Chez Camille").is_named


@pytest.mark.django_db(transaction=True)
def test_a_transaction_reads_what_was_read_a_moment_before():
    """An order that is placed costs no query more."""
    write_shop(name="Avant")
    assert current().name == "Avant"
    with transaction.atomic():
        with CaptureQueriesContext(connection) as queries:
            assert current().name == "Avant"
        write_shop(name="Après")
        assert current().name == "Après"
    assert len(queries) == 0
    assert current().name == "Après"


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_another_process_reads_a_change_after_its_commit_and_never_before():
    write_shop(name="Avant")
    # A process that has polled long ago.
    revisions.invalidate()

    def elsewhere() -> str:
        try:
            return current().name
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            write_shop(name="Après")
            assert current().name == "Après"
            assert other.submit(elsewhere).result() == "Avant"
        assert other.submit(elsewhere).result() == "Après"
