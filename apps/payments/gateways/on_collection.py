from django.utils.translation import gettext as _

from apps.delivery.kinds import destination_of
from apps.payments.gateways.by_hand import ByHand


class OnCollection(ByHand):
    """Paid at the counter when the order is collected: the order is certain at once."""

    code = "on_collection"
    pays_later = True
    hold = None

    @property
    def name(self) -> str:
        return _("Paiement au retrait")

    @property
    def description(self) -> str:
        return _("Vous payez en boutique, en espèces ou par carte, en retirant votre commande.")

    def offered_for(self, delivery_kind: str) -> bool:
        return destination_of(delivery_kind).is_collected
