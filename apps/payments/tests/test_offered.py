from apps.delivery.models import DeliveryMethod
from apps.payments import gateways
from apps.payments.checks import hosted_pages_are_named
from apps.payments.tests.banks import HostedPage
from apps.payments.tests.fixtures import with_bank  # noqa: F401


def test_a_shop_without_an_account_offers_no_bank_transfer(settings):
    assert "bank_transfer" in gateways.usable()
    settings.SHOP = {**settings.SHOP, "iban": "", "bic": ""}
    assert "bank_transfer" not in gateways.usable()
    for kind in DeliveryMethod.Kind:
        assert "bank_transfer" not in {gateway.code for gateway in gateways.offered(delivery_kind=kind)}


def test_an_order_paid_by_a_means_no_longer_offered_is_still_known(settings):
    settings.SHOP = {**settings.SHOP, "iban": "", "bic": ""}
    assert gateways.get("bank_transfer") is not None


def test_a_hosted_page_that_no_policy_names_stops_the_start(with_bank, settings):  # noqa: F811
    assert hosted_pages_are_named() == []
    with_bank(HostedPage)
    assert [problem.id for problem in hosted_pages_are_named()] == ["payments.E001"]
    settings.PAYMENT_ORIGINS = ["https://pay.example"]
    assert hosted_pages_are_named() == []
