"""Imports rayons, brands, attributes and values, which our own format lists apart from the products."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from apps.catalogue.models import Attribute, AttributeValue, Brand, Category, Product
from apps.catalogue.models.filter_address import former_owner
from apps.catalogue.models.page_address import SlugTaken
from apps.catalogue.services.listing import products_with_attribute
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Reject
from apps.imports.catalogue.plan import CategoryPaths
from apps.imports.catalogue.records import DefinitionRecord


def define(
    records: Sequence[DefinitionRecord], paths: CategoryPaths, *, announced: set[str], dry_run: bool
) -> tuple[list[DefinitionRecord], list[Reject]]:
    """Create or update each; returns those that changed something, and what was refused.

    A dry run writes nothing and adds the slugs of rayons to come to `announced`.
    """
    changed: list[DefinitionRecord] = []
    rejects = []
    for record in records:
        try:
            if _define(record, paths, announced, dry_run):
                changed.append(record)
        except Refusal as refusal:
            rejects.append(Reject.of(record.row, refusal))
    return changed, rejects


def products_of(records: Sequence[DefinitionRecord], paths: CategoryPaths) -> set[int]:
    """The products whose listing and search depend on these definitions."""
    codes: dict[str, set[str]] = {"rayon": set(), "marque": set(), "caracteristique": set()}
    for record in records:
        parent, code = record.key
        if record.kind in codes:
            codes[record.kind].add(code)
        else:
            codes["caracteristique"].add(parent)
    attributes = Attribute.objects.filter(code__in=codes["caracteristique"])
    wanted = Q(brand__slug__in=codes["marque"])
    rayons = [paths.slug_to_id[slug] for slug in codes["rayon"] if slug in paths.slug_to_id]
    for path in Category.objects.filter(pk__in=rayons).values_list("path", flat=True):
        wanted |= Q(category__path__startswith=path)
    found = Product.objects.filter(wanted).values_list("pk", flat=True)
    return {*found, *products_with_attribute(attributes.values_list("pk", flat=True))}


def _define(record: DefinitionRecord, paths: CategoryPaths, announced: set[str], dry_run: bool) -> bool:
    parent, code = record.key
    match record.kind:
        case "rayon":
            return _category(record, paths, announced, dry_run)
        case "marque":
            brand = _coded(Brand, code) or Brand.objects.filter(**record.fields).first()
            return _save(brand, Brand(slug=code), record.fields, dry_run)
        case "caracteristique":
            return _save(_coded(Attribute, code), Attribute(code=code), record.fields, dry_run)
        case _:
            attribute = _coded(Attribute, parent)
            if attribute is None:
                if dry_run:
                    return True
                raise Refusal(_("caractéristique inconnue : « %(code)s »") % {"code": parent})
            found = _coded(AttributeValue, code, of=attribute.pk)
            return _save(found, AttributeValue(attribute=attribute, slug=code), record.fields, dry_run)


def _coded(model: type[Brand | Attribute | AttributeValue], code: str, *, of: int = 0) -> Any:
    """The row with this code, present or former."""
    own = {"attribute": of} if of else {}
    return model.objects.filter(**{model.filter_column: code}, **own).first() or former_owner(model, code, of=of)


def _save(found: Model | None, new: Model, fields: dict[str, Any], dry_run: bool) -> bool:
    instance = found or new
    wanted = {name: value for name, value in fields.items() if getattr(instance, name) != value}
    if found is not None and not wanted:
        return False
    for name, value in wanted.items():
        setattr(instance, name, value)
    if not dry_run:
        instance.save()
    return True


def _category(record: DefinitionRecord, paths: CategoryPaths, announced: set[str], dry_run: bool) -> bool:
    """An existing rayon keeps its place in the tree and its slugs; its texts follow the file."""
    parent, code = record.key
    if parent and parent not in paths.slug_to_id and parent not in announced:
        raise Refusal(_("rayon inconnu : « %(slug)s »") % {"slug": parent})
    if pk := paths.slug_to_id.get(code):
        fields = {name: value for name, value in record.fields.items() if name != "slug_en"}
        return _save(Category.objects.get(pk=pk), Category(), fields, dry_run)
    announced.add(code)
    if dry_run:
        return True
    fields = {"slug_fr": code, "slug_en": code, **record.fields}
    above = paths.slug_to_id[parent] if parent else 0
    try:
        with transaction.atomic():
            paths.create(above, fields)
    except SlugTaken as taken:
        raise Refusal(taken.message) from None
    return True
