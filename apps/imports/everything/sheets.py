"""Which tables go out. Explanations of columns are the models' own names of their fields."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import Address, User
from apps.catalogue.models import Category, Variant
from apps.comments.models import Comment
from apps.imports.models import OldPath
from apps.invoicing.models import Document
from apps.orders.models import Order, OrderLine, PastOrder
from apps.prospects.fields import FIELDS
from apps.prospects.models import Prospect

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """`name` in the files; `path` from the model, as the ORM writes it."""

    name: str
    path: str


@dataclass(frozen=True)
class Sheet:
    name: str
    title: str
    rows: "QuerySet[Any]"
    columns: Sequence[Column]

    def batches(self) -> Iterator[list[tuple[Any, ...]]]:
        """By primary key: neither database's driver holds more than a batch."""
        last: Any = None
        rows = self.rows.order_by("pk")
        paths = [column.path for column in self.columns]
        while True:
            here = rows if last is None else rows.filter(pk__gt=last)
            found = list(here.values_list("pk", *paths)[:_BATCH])
            if not found:
                return
            last = found[-1][0]
            yield [row[1:] for row in found]

    def explanations(self) -> Iterator[tuple[str, str]]:
        """What each column is, and what its codes mean."""
        for column in self.columns:
            field = _field(self.rows.model, column.path)
            codes = ", ".join(f"{code} ({label})" for code, label in field.flatchoices if code)
            yield column.name, f"{field.verbose_name}" + (f" : {codes}" if codes else "")


def _field(model: type[Model], path: str) -> Any:
    """The last field of a path; of a relation that has no other name, the relation itself."""
    found: Any = None
    for name in path.split("__"):
        try:
            found = model._meta.get_field(name)
        except FieldDoesNotExist:
            break
        if found.is_relation:
            model = found.related_model
    return getattr(found, "field", found)


def _columns(text: str) -> list[Column]:
    """« name=path » or « path » alone, whose last part is then the name."""
    pairs = [word.partition("=") for word in text.split()]
    return [Column(name, path or name) for name, _equals, path in pairs]


def sheets() -> list[Sheet]:
    """In the order in which the archive lists them."""
    options = " ".join(
        f"option{number}=product__option{number}_name_fr valeur{number}=option{number}_fr" for number in (1, 2, 3)
    )
    postal_columns = (
        "destinataire=recipient societe=company rue=line1 complement=line2 code_postal=postcode ville=city pays=country"
    )
    customers = User.objects.filter(is_staff=False, is_superuser=False, erased_at=None)
    return [
        Sheet(
            "rayons",
            _("Rayons, du haut vers le bas de l’arbre"),
            Category.objects.all(),
            _columns(
                "adresse=slug_fr adresse_en=slug_en nom=name_fr nom_en=name_en niveau=depth chemin=path "
                "visible=is_visible"
            ),
        ),
        Sheet(
            "produits",
            _("Produits : une ligne par modèle vendu"),
            Variant.objects.all(),
            _columns(
                "produit=product__code reference=sku ean13 nom=product__name_fr nom_en=product__name_en "
                "adresse=product__slug_fr rayon=product__category__slug_fr marque=product__brand__name "
                f"publication=product__state tva=product__vat_class {options} prix_ttc=price "
                "prix_hors_reduction=regular_price contenu=content_quantity unite_contenu=content_unit "
                "poids_g=weight_g "
                "en_vente=is_active stock=stock__on_hand reserve=stock__reserved origine=product__origin_fr "
                "description=product__description_fr description_en=product__description_en"
            ),
        ),
        Sheet(
            "clients",
            _("Clients qui ont un compte ; aucun mot de passe ne sort"),
            customers,
            _columns(
                "email prenom=first_name nom=last_name telephone=phone langue=language inscrit_le=date_joined "
                "derniere_connexion=last_login actif=is_active"
            ),
        ),
        Sheet(
            "adresses_clients",
            _("Carnets d’adresses des clients"),
            Address.objects.filter(user__in=customers),
            _columns(f"email=user__email libelle=label {postal_columns} telephone=phone habituelle=is_default"),
        ),
        Sheet(
            "commandes",
            _("Commandes de cette boutique"),
            Order.objects.all(),
            _columns(
                f"numero=number etat=status email telephone=phone {postal_columns} passee_le=placed_at "
                "payee_le=paid_at "
                "expediee_le=shipped_at livraison=delivery_name point_relais=pickup_point suivi=tracking_number "
                "paiement=payment_method total_lignes=items_total total_livraison=delivery_total total_ttc=total "
                "dont_tva=vat_total cgv=terms_version cgv_acceptees_le=terms_accepted_at"
            ),
        ),
        Sheet(
            "lignes_commandes",
            _("Lignes des commandes"),
            OrderLine.objects.all(),
            _columns(
                "commande=order__number rang=position produit=product_name modele=variant_label reference=sku ean13 "
                "quantite=quantity prix_unitaire_ttc=unit_price total_ttc=total taux_tva=vat_rate dont_tva=vat_amount"
            ),
        ),
        Sheet(
            "commandes_anterieures",
            _("Commandes de l’ancienne boutique, telles qu’elles ont été reprises"),
            PastOrder.objects.all(),
            _columns(
                "ancienne_boutique=source numero=number passee_le=placed_at etat=state etat_origine=status_text email "
                "nom=name telephone=phone livree_a=delivered_to paiement=payment_text lignes=lines "
                "total_livraison=delivery_total "
                "total_ttc=total rembourse=refunded"
            ),
        ),
        Sheet(
            "factures",
            _("Liste des factures et avoirs ; les PDF et les archives scellées restent à leur place"),
            Document.objects.all(),
            _columns(
                "numero=number nature=kind emis_le=issue_date commande=order__number total_ht=net tva=vat "
                "total_ttc=gross "
                "empreinte=hash"
            ),
        ),
        Sheet(
            "prospects",
            _("Prospects, avec les colonnes que l’import relit"),
            Prospect.objects.not_deleted(),
            _columns(
                " ".join(f"{name}={'assignee__email' if name == 'assignee' else name}" for name in FIELDS)
                + " etape=stage__code accord_le=consent_at accord_texte=consent_version cree_le=created_at"
            ),
        ),
        Sheet(
            "commentaires",
            _("Avis et commentaires"),
            Comment.objects.all(),
            _columns(
                "numero=id section=section_id reponse_a=parent__id auteur=author email texte=text note=rating "
                "etat=status "
                "motif=reason ecrit_le=created_at achete_le=bought_on"
            ),
        ),
        Sheet(
            "anciennes_adresses",
            _("Anciennes adresses et les pages où elles mènent"),
            OldPath.objects.all(),
            _columns("ancienne=path produit=product__slug_fr rayon=category__slug_fr page=to_path demandes=hits"),
        ),
    ]
