"""Present and former codes of filters: a code never changes its meaning, so that old links keep filtering by it.

The design of `page_address`, for brands (`?marque=`), characteristics (`?c-code=`) and their values.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from apps.catalogue.models.page_address import SlugTaken, taken_message
from apps.catalogue.services.revision import bump_revision
from apps.common.fields import ExactCharField

_BATCH = 500


class FilterAddress(models.Model):
    # Within what a code means one thing: brands, characteristics, or the values of one characteristic.
    scope = ExactCharField(max_length=40)
    slug = ExactCharField(max_length=140)
    brand = models.ForeignKey("catalogue.Brand", on_delete=models.CASCADE, null=True, related_name="+")
    attribute = models.ForeignKey("catalogue.Attribute", on_delete=models.CASCADE, null=True, related_name="+")
    attribute_value = models.ForeignKey(
        "catalogue.AttributeValue", on_delete=models.CASCADE, null=True, related_name="+"
    )

    class Meta:
        verbose_name = gettext_lazy("code de filtre")
        verbose_name_plural = gettext_lazy("codes de filtre")
        constraints = [models.UniqueConstraint(fields=["scope", "slug"], name="filter_address_means_one_thing")]

    def __str__(self) -> str:
        return self.slug


class FilterQuerySet(models.QuerySet):
    """Records the codes that bulk writes assign. `bulk_update` goes through `update`."""

    def update(self, **values: Any) -> int:
        if self.model.filter_column not in values:
            return super().update(**values)
        with transaction.atomic(using=self.db):
            pks = list(self.values_list("pk", flat=True))
            record_codes(self.model, pks)
            changed = super().update(**values)
            if record_codes(self.model, pks):
                _announce()
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        with transaction.atomic(using=self.db):
            created = super().bulk_create(objs, *args, **kwargs)
            column = self.model.filter_column
            slugs = {f"{column}__in": [getattr(each, column) for each in objs]}
            # On MySQL bulk_create returns no primary keys.
            record_codes(self.model, list(self.model._base_manager.filter(**slugs).values_list("pk", flat=True)))
        return created


class HasFilterCode(models.Model):
    """Mixin of models that lists are filtered by."""

    filter_owner: str
    """Its column in FilterAddress."""
    filter_column = "slug"

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises SlugTaken."""
        written = kwargs.get("update_fields")
        is_new = self._state.adding
        code = self.__dict__.get(self.filter_column)
        untouched = code is None or (written is not None and self.filter_column not in written)
        if not is_new and (untouched or code == getattr(self, "_read_code", None)):
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            if not is_new:
                record_codes(type(self), [self.pk])
            super().save(*args, **kwargs)
            if record_codes(type(self), [self.pk]) and not is_new:
                _announce()
        self._read_code = code

    @classmethod
    def filter_scope(cls, of: int) -> str:
        """`of` is the characteristic that a value belongs to, 0 without any."""
        return f"{cls.filter_owner}{of or ''}"

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Self:
        instance = super().from_db(db, field_names, values)
        instance._read_code = instance.__dict__.get(cls.filter_column)
        return instance

    def validate_unique(self, exclude: Iterable[str] | None = None) -> None:
        """Names the object that has or had the code. One query beside those of the unique columns."""
        super().validate_unique(exclude=set(exclude) if exclude is not None else None)
        code = getattr(self, self.filter_column)
        if self.filter_column in (exclude or ()) or not code:
            return
        owner = former_owner(type(self), code, of=getattr(self, "attribute_id", 0) or 0)
        if owner is not None and owner.pk != self.pk:
            raise ValidationError({self.filter_column: taken_message(code, owner)})


def former_owner(model: Any, code: str, *, of: int = 0) -> Any:
    """The object that has or had this code, or None. One query."""
    rows = FilterAddress.objects.filter(scope=model.filter_scope(of), slug=code).select_related(model.filter_owner)
    row = rows.first()
    return getattr(row, model.filter_owner) if row else None


def record_codes(model: Any, pks: Sequence[int]) -> int:
    """Record the present codes of these objects; returns how many were new. Raises SlugTaken.

    Two queries when there is nothing new. To be called in the transaction that assigns the codes.
    """
    noted = 0
    owner, column = f"{model.filter_owner}_id", model.filter_column
    columns = ["pk", column] + (["attribute_id"] if hasattr(model, "attribute_id") else [])
    for start in range(0, len(pks), _BATCH):
        rows = model._base_manager.filter(pk__in=pks[start : start + _BATCH]).values_list(*columns)
        wanted = {(model.filter_scope(of[0] if of else 0), code): pk for pk, code, *of in rows}
        missing = wanted.items() - _held(wanted, owner).items()
        if not missing:
            continue
        # A conflicting row of another object is found below.
        FilterAddress.objects.bulk_create(
            [FilterAddress(scope=scope, slug=code, **{owner: pk}) for (scope, code), pk in missing],
            ignore_conflicts=True,
        )
        held = _held(dict(missing), owner)
        for (scope, code), pk in sorted(missing):
            if held.get((scope, code)) != pk:
                raise SlugTaken(
                    taken_message(code, model._base_manager.filter(pk=held.get((scope, code))).first()), slug=code
                )
        noted += len(missing)
    return noted


def _held(wanted: dict[tuple[str, str], int], owner: str) -> dict[tuple[str, str], int]:
    scopes, codes = {scope for scope, _code in wanted}, {code for _scope, code in wanted}
    rows = FilterAddress.objects.filter(scope__in=scopes, slug__in=codes)
    return {(scope, code): pk for scope, code, pk in rows.values_list("scope", "slug", owner)}


def _announce() -> None:
    """After commit, bump the revision: every process then reads the new code."""
    transaction.on_commit(bump_revision)


@dataclass(frozen=True, slots=True)
class FormerCodes:
    """Former codes, each with the present code of the same object."""

    brands: dict[str, str]
    attributes: dict[str, str]
    values: dict[tuple[str, str], str]
    """By the characteristic's present code and the value's former one."""

    def __bool__(self) -> bool:
        return bool(self.brands or self.attributes or self.values)

    def present_value(self, attribute: str, slug: str) -> tuple[str, str]:
        attribute = self.attributes.get(attribute, attribute)
        return attribute, self.values.get((attribute, slug), slug)


def former_codes() -> FormerCodes:
    """One query; a shop where nothing was ever renamed has none."""
    renamed = (
        Q(brand__isnull=False) & ~Q(brand__slug=F("slug"))
        | Q(attribute__isnull=False) & ~Q(attribute__code=F("slug"))
        | Q(attribute_value__isnull=False) & ~Q(attribute_value__slug=F("slug"))
    )
    found = FormerCodes({}, {}, {})
    rows = FilterAddress.objects.filter(renamed)
    for slug, brand, attribute, value, of in rows.values_list(
        "slug", "brand__slug", "attribute__code", "attribute_value__slug", "attribute_value__attribute__code"
    ):
        if brand:
            found.brands[slug] = brand
        elif attribute:
            found.attributes[slug] = attribute
        else:
            found.values[of, slug] = value
    return found
