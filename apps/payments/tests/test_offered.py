import inspect
import re
from pathlib import Path

from django.conf import settings

from apps.delivery.models import DeliveryMethod
from apps.payments import gateways
from apps.payments.checks import hosted_pages_are_named
from apps.payments.tests.banks import HostedPage
from apps.payments.tests.fixtures import with_bank  # noqa: F401


def test_a_shop_without_an_account_offers_no_bank_transfer(settings):
    assert "bank_transfer" in gateways.usable()
    settings.SHOP_INVENTED = {**settings.SHOP_INVENTED, "iban": "", "bic": ""}
    assert "bank_transfer" not in gateways.usable()
    for kind in DeliveryMethod.Kind:
        assert "bank_transfer" not in {gateway.code for gateway in gateways.offered(delivery_kind=kind)}


def test_an_order_paid_by_a_means_no_longer_offered_is_still_known(settings):
    settings.SHOP_INVENTED = {**settings.SHOP_INVENTED, "iban": "", "bic": ""}
    assert gateways.get("bank_transfer") is not None


def test_a_hosted_page_that_no_policy_names_stops_the_start(with_bank, settings):  # noqa: F811
    assert hosted_pages_are_named() == []
    with_bank(HostedPage)
    assert [problem.id for problem in hosted_pages_are_named()] == ["payments.E001"]
    settings.PAYMENT_ORIGINS = ["https://pay.example"]
    assert hosted_pages_are_named() == []


def test_no_code_and_no_template_compares_a_gateway_by_its_code():
    """What differs between gateways is asked of them: a new one is added without a search for the old ones."""
    own = {Path(inspect.getfile(type(gateway))) for gateway in gateways.registered().values()}
    named = re.compile("|".join(rf"[\"']{code}[\"']" for code in gateways.registered()))
    sources = [path for suffix in ("py", "html", "txt") for path in (settings.BASE_DIR / "apps").rglob(f"*.{suffix}")]
    ours = [path for path in sources if path not in own and not {"tests", "migrations"} & set(path.parts)]
    assert len(ours) > 500
    assert [str(path) for path in ours if named.search(path.read_text())] == []
