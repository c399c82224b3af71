"""What stands between a new shop and its opening, computed from its data."""

from dataclasses import dataclass

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.backoffice.terms import rendered_terms
from apps.catalogue.models import Product
from apps.delivery.models import DeliveryMethod
from apps.orders.models import Order
from apps.payments import gateways
from apps.shop.identity import Identity, current
from apps.shop.models import TermsText
from apps.shop.requirements import missing


@dataclass(frozen=True)
class Step:
    """`reasons` is empty when it is done. Only a `required` one keeps the shop closed."""

    title: str
    text: str
    url: str
    reasons: tuple[str, ...] = ()
    required: bool = True

    @property
    def is_done(self) -> bool:
        return not self.reasons


def checklist(user: AbstractBaseUser) -> list[Step]:
    """In the order in which an owner does it."""
    shop = current()
    return [
        _identity(shop),
        _payment(),
        _delivery(),
        _terms(shop),
        _products(),
        _test_order(),
        _second_factor(user),
    ]


def reasons_against_opening(user: AbstractBaseUser) -> list[str]:
    return [reason for step in checklist(user) if step.required for reason in step.reasons]


def _identity(shop: Identity) -> Step:
    return Step(
        title=_("Qui vous êtes"),
        text=_("Nom, entreprise, adresse, téléphone : ce que la loi demande et ce que vos clients cherchent."),
        url=reverse("admin:shop_shop_changelist"),
        reasons=tuple(each.sentence for each in missing(shop)),
    )


def _payment() -> Step:
    """A means counts when a delivery that is active offers it."""
    kinds = set(DeliveryMethod.objects.filter(is_active=True).values_list("kind", flat=True))
    means = [each for each in gateways.registered().values() if any(map(each.offered_for, kinds))]
    reasons = () if means else (_("Aucun moyen de paiement n’est proposé : donnez l’IBAN, ou un retrait en boutique."),)
    return Step(
        title=_("Comment on vous paie"),
        text=", ".join(each.name for each in means) or _("Votre compte pour les virements, et le paiement au retrait."),
        url=reverse("admin:shop_shop_changelist"),
        reasons=reasons,
    )


def _delivery() -> Step:
    names = list(DeliveryMethod.objects.filter(is_active=True).order_by("position").values_list("name_fr", flat=True))
    return Step(
        title=_("Comment vous livrez"),
        text=", ".join(names) or _("À domicile, en point relais ou à retirer en boutique, avec vos prix."),
        url=reverse("admin:delivery_deliverymethod_changelist"),
        reasons=() if names else (_("Aucun mode de livraison n’est actif."),),
    )


def _terms(shop: Identity) -> Step:
    text = TermsText.objects.filter(version=shop.terms_version).first() if shop.terms_version else None
    reasons: tuple[str, ...] = ()
    if text is None:
        reasons = (_("Les conditions de vente ne sont pas publiées (code de la consommation, art. L221-5)."),)
    elif rendered_terms() != {"fr": text.text_fr, "en": text.text_en}:
        reasons = (_("Les conditions de vente ne disent plus ce que la boutique dit d’elle : publiez-les à nouveau."),)
    return Step(
        title=_("Vos textes"),
        text=_("Les conditions de vente, remplies avec ce que vous avez écrit : lisez-les, puis publiez-les."),
        url=reverse("admin:shop_shop_terms"),
        reasons=reasons,
    )


def _products() -> Step:
    found = Product.objects.visible().exists()
    return Step(
        title=_("Vos premiers produits"),
        text=_("À la main, ou par un fichier de votre fournisseur ou de votre ancienne boutique."),
        url=reverse("admin:catalogue_product_changelist"),
        reasons=() if found else (_("Aucun produit n’est publié."),),
    )


def _test_order() -> Step:
    return Step(
        title=_("Une commande d’essai"),
        text=_("Passez-la sur votre propre boutique, puis préparez-la ou annulez-la dans Commandes."),
        url=reverse("storefront:home"),
        reasons=() if Order.objects.exists() else (_("Personne n’a encore commandé."),),
        required=False,
    )


def _second_factor(user: AbstractBaseUser) -> Step:
    return Step(
        title=_("Votre compte"),
        text=_("Un code de votre téléphone ou une clé, en plus du mot de passe : ce compte peut tout."),
        url=reverse("mfa_index"),
        reasons=() if is_mfa_enabled(user) else (_("Votre compte n’a pas de second facteur."),),
    )
