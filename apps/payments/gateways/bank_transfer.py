from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.common.money import format_euros
from apps.payments.gateways.base import Instruction
from apps.payments.gateways.by_hand import ByHand
from apps.shop.identity import current


class BankTransfer(ByHand):
    """The shopper transfers the amount with the order's number; the stock waits for some days."""

    code = "bank_transfer"
    awaits_transfer = True

    @property
    def name(self) -> str:
        return _("Virement bancaire")

    @property
    def description(self) -> str:
        sentence = _(
            "Vos produits sont réservés %(days)d jours, le temps que le virement arrive. La livraison se compte à "
            "partir de son arrivée."
        )
        return sentence % {"days": current().transfer_hold.days}

    @property
    def hold(self) -> timedelta:
        return current().transfer_hold

    def offered_for(self, delivery_kind: str) -> bool:
        """Only where the shop has an account to transfer to."""
        shop = current()
        return bool(shop.iban and shop.bic)

    def instructions(self, *, order_number: str, amount: Decimal) -> list[Instruction]:
        shop = current()
        return [
            Instruction(_("Bénéficiaire"), shop.company),
            Instruction(_("IBAN"), shop.iban),
            Instruction(_("BIC"), shop.bic),
            Instruction(_("Montant"), format_euros(amount)),
            Instruction(_("Motif du virement"), order_number),
        ]
