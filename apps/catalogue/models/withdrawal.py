"""Which goods a consumer cannot send back after a distance sale (code de la consommation, art. L221-28)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WithdrawalException(models.TextChoices):
    NONE = "", _("aucune : 14 jours pour se rétracter")
    MADE_TO_MEASURE = "MADE_TO_MEASURE", _("fait sur mesure ou personnalisé (3°)")
    PERISHABLE = "PERISHABLE", _("périssable (4°)")
    HYGIENE = "HYGIENE", _("scellé pour l’hygiène ou la santé (5°)")
    RECORDING = "RECORDING", _("audio, vidéo ou logiciel scellé (9°)")
    PRESS = "PRESS", _("journal ou magazine (11°)")


# With a seal, the right ends only once it is broken.
SEALED = frozenset({WithdrawalException.HYGIENE, WithdrawalException.RECORDING})

# Sentences for shoppers.
_NOTICES = {
    WithdrawalException.MADE_TO_MEASURE: _(
        "Fait sur mesure ou personnalisé : pas de droit de rétractation (art. L221-28, 3°)"
    ),
    WithdrawalException.PERISHABLE: _("Produit périssable : pas de droit de rétractation (art. L221-28, 4°)"),
    WithdrawalException.HYGIENE: _(
        "Produit scellé pour l’hygiène ou la santé : pas de droit de rétractation une fois descellé (art. L221-28, 5°)"
    ),
    WithdrawalException.RECORDING: _(
        "Enregistrement ou logiciel scellé : pas de droit de rétractation une fois descellé (art. L221-28, 9°)"
    ),
    WithdrawalException.PRESS: _("Journal ou magazine : pas de droit de rétractation (art. L221-28, 11°)"),
}


def withdrawal_notice(exception: str) -> str:
    """The sentence for a shopper in the current language; empty where the fourteen days apply."""
    return str(_NOTICES[WithdrawalException(exception)]) if exception else ""


class HasWithdrawal(models.Model):
    """Mixin of products, and of order lines, which copy the product's value as it was announced."""

    withdrawal_exception = models.CharField(
        _("exception au droit de rétractation"),
        max_length=16,
        choices=WithdrawalException,
        blank=True,
        default=WithdrawalException.NONE,
        db_default=WithdrawalException.NONE,
        help_text=_(
            "Le client a 14 jours pour se rétracter, sauf si le produit entre vraiment dans l’un de ces cas (code de "
            "la consommation, art. L221-28). Un produit scellé reste repris tant que le scellé est intact. L’exception "
            "est annoncée au client avant l’achat : sans cela, elle ne vaut pas."
        ),
    )

    class Meta:
        abstract = True

    @property
    def withdrawal_notice(self) -> str:
        return withdrawal_notice(self.withdrawal_exception)
