from apps.delivery.models import DeliveryMethod
from apps.payments import gateways


def test_a_shop_without_an_account_offers_no_bank_transfer(settings):
    assert "bank_transfer" in gateways.usable()
    settings.SHOP = {**settings.SHOP, "iban": "", "bic": ""}
    assert "bank_transfer" not in gateways.usable()
    for kind in DeliveryMethod.Kind:
        assert "bank_transfer" not in {gateway.code for gateway in gateways.offered(delivery_kind=kind)}


def test_an_order_paid_by_a_means_no_longer_offered_is_still_known(settings):
    settings.SHOP = {**settings.SHOP, "iban": "", "bic": ""}
    assert gateways.get("bank_transfer") is not None
