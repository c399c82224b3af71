"""Present and former slugs of products and rayons: a slug leads to one page for ever, so that old links redirect.

A row is written when a slug is assigned. The present slugs are those in the page's own columns; all others are former.
The unique constraint refuses two concurrent renames to one slug, and a new page that wants another's former slug.
Redirects form no chains and no loops, because a row refers to the page and never to another slug.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.errors import DomainError
from apps.common.fields import ExactCharField
from apps.common.translation import LANGUAGES

SLUGS = {language: f"slug_{language}" for language in LANGUAGES}
_BATCH = 500
# Called with `kind` and `ids`. Set by the app once it is ready, because services know the models and not the reverse.
after_new_slugs: list[Callable[..., None]] = []


class SlugTaken(DomainError, IntegrityError):
    """The slug is, or was, another page's. An IntegrityError too: an import plans the row again."""

    code = "slug_taken"


class PageAddress(models.Model):
    class Kind(models.TextChoices):
        PRODUCT = "PRODUCT", gettext_lazy("produit")
        CATEGORY = "CATEGORY", gettext_lazy("rayon")

    kind = models.CharField(max_length=8, choices=Kind)
    language = ExactCharField(max_length=2)
    # In lower case, so that every database compares it alike; it holds only ASCII.
    slug = ExactCharField(max_length=220)
    product = models.ForeignKey("catalogue.Product", on_delete=models.CASCADE, null=True, related_name="page_addresses")
    category = models.ForeignKey(
        "catalogue.Category", on_delete=models.CASCADE, null=True, related_name="page_addresses"
    )

    class Meta:
        verbose_name = gettext_lazy("adresse de page")
        verbose_name_plural = gettext_lazy("adresses de page")
        constraints = [
            UniqueConstraint(fields=["kind", "slug", "language"], name="page_address_leads_to_one_page"),
            CheckConstraint(
                condition=Q(kind="PRODUCT", product__isnull=False, category__isnull=True)
                | Q(kind="CATEGORY", product__isnull=True, category__isnull=False),
                name="page_address_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class PageQuerySet(models.QuerySet):
    """Records the slugs that bulk writes assign. `bulk_update` goes through `update`."""

    def update(self, **values: Any) -> int:
        if not set(values) & set(SLUGS.values()):
            return super().update(**values)
        with transaction.atomic(using=self.db):
            pks = list(self.values_list("pk", flat=True))
            record_slugs(self.model, pks)
            changed = super().update(**values)
            if record_slugs(self.model, pks):
                _announce(self.model, pks)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        with transaction.atomic(using=self.db):
            created = super().bulk_create(objs, *args, **kwargs)
            for start in range(0, len(objs), _BATCH):
                # On MySQL bulk_create returns no primary keys.
                slugs = [getattr(each, SLUGS["fr"]) for each in objs[start : start + _BATCH]]
                pks = self.model._base_manager.filter(slug_fr__in=slugs).values_list("pk", flat=True)
                record_slugs(self.model, list(pks))
        return created


class HasPage(models.Model):
    """Mixin of models that have a page of their own, with its slugs in `slug_fr` and `slug_en`."""

    page_kind: PageAddress.Kind

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises SlugTaken."""
        written = kwargs.get("update_fields")
        slugs = self._slugs()
        if written is not None:
            slugs = {name: slug for name, slug in slugs.items() if name in written}
        loaded = getattr(self, "_read_slugs", None)
        if not self._state.adding and loaded is not None and all(loaded.get(name) == slugs[name] for name in slugs):
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            is_new = self._state.adding
            if not is_new:
                record_slugs(type(self), [self.pk])
            super().save(*args, **kwargs)
            if record_slugs(type(self), [self.pk]) and not is_new:
                _announce(type(self), [self.pk])
        self._read_slugs = self._slugs()

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Self:
        instance = super().from_db(db, field_names, values)
        instance._read_slugs = instance._slugs()
        return instance

    def _slugs(self) -> dict[str, str]:
        return {name: self.__dict__[name] for name in SLUGS.values() if name in self.__dict__}

    def validate_unique(self, exclude: Iterable[str] | None = None) -> None:
        """Names the page that has or had the slug. One query beside those of the unique columns."""
        super().validate_unique(exclude=set(exclude) if exclude is not None else None)
        wanted = {
            (language, getattr(self, name).lower()): name
            for language, name in SLUGS.items()
            if name not in (exclude or ()) and getattr(self, name)
        }
        errors = {
            wanted[language, slug]: taken_message(slug, owner)
            for language, slug, owner in _owners(self.page_kind, {slug for _language, slug in wanted})
            if (language, slug) in wanted and owner.pk != self.pk
        }
        if errors:
            raise ValidationError(errors)


def taken_message(slug: str, owner: Any) -> str:
    return _("L’adresse « %(slug)s » est, ou a été, celle de « %(name)s » : les liens vers elle y mènent.") % {
        "slug": slug,
        "name": owner,
    }


def record_slugs(model: type[models.Model], pks: Sequence[int]) -> int:
    """Record the present slugs of these pages; returns how many were new. Raises SlugTaken.

    Two queries when there is nothing new. To be called in the transaction that assigns the slugs.
    """
    kind = model.page_kind  # type: ignore[attr-defined]
    noted = 0
    for start in range(0, len(pks), _BATCH):
        rows = model._base_manager.filter(pk__in=pks[start : start + _BATCH]).values_list("pk", *SLUGS.values())
        wanted = {
            (language, slug.lower()): pk for pk, *slugs in rows for language, slug in zip(SLUGS, slugs, strict=True)
        }
        missing = wanted.items() - _held(kind, wanted).items()
        if not missing:
            continue
        owner = f"{kind.lower()}_id"
        # A conflicting row of another page is found below.
        PageAddress.objects.bulk_create(
            [PageAddress(kind=kind, language=language, slug=slug, **{owner: pk}) for (language, slug), pk in missing],
            ignore_conflicts=True,
        )
        held = _held(kind, dict(missing))
        for (_language, slug), pk in sorted(missing):
            if held.get((_language, slug)) != pk:
                other = model._base_manager.filter(pk=held.get((_language, slug))).first()
                raise SlugTaken(taken_message(slug, other or model(name_fr=slug)), slug=slug)
        noted += len(missing)
    return noted


def _held(kind: str, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    rows = PageAddress.objects.filter(kind=kind, slug__in={slug for _language, slug in wanted})
    return {
        (language, slug): product or category
        for language, slug, product, category in rows.values_list("language", "slug", "product_id", "category_id")
    }


def _owners(kind: str, slugs: set[str]) -> list[tuple[str, str, Any]]:
    rows = PageAddress.objects.filter(kind=kind, slug__in=slugs).select_related("product", "category")
    return [(row.language, row.slug, row.product or row.category) for row in rows]


def _announce(model: type[models.Model], pks: Sequence[int]) -> None:
    """After commit, refresh the cards and menus that link to these pages."""
    for announce in after_new_slugs:
        transaction.on_commit(partial(announce, kind=model.page_kind, ids=list(pks)))  # type: ignore[attr-defined]
