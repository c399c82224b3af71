"""URLs of products and rayons, and the lookup of former slugs.

The face that has the pages names their URL patterns when it starts (`url_patterns`); the catalogue names no face.
`reverse` runs once per language and process: a page has dozens of these links.
"""

from functools import cache

from django.db.models import Case, IntegerField, Value, When
from django.urls import reverse
from django.utils.translation import override

from apps.catalogue.models import PageAddress, Product
from apps.common.translation import LANGUAGES

url_patterns: dict[str, str] = {}
"""Kind of page ("product", "category") → name of the URL pattern that takes its slug."""

_PLACE = "zzz"


@cache
def _around_slug(kind: str, language: str) -> tuple[str, str]:
    with override(language):
        before, after = reverse(url_patterns[kind], args=[_PLACE]).split(_PLACE)
    return before, after


def product_url(slug: str, language: str) -> str:
    before, after = _around_slug("product", language)
    return f"{before}{slug}{after}"


def category_url(slug: str, language: str) -> str:
    before, after = _around_slug("category", language)
    return f"{before}{slug}{after}"


def product_of(slug: str, language: str) -> Product | None:
    """The visible product that has or had this slug, in this language before the others. One query.

    None when the product that had it in this language is not visible any more: links to it never meant another product
    with the same slug in another language.
    """
    found = PageAddress.objects.filter(kind=PageAddress.Kind.PRODUCT, slug=slug.lower())
    found = found.order_by(_other(language, "language"), "pk").select_related("product__category")
    row = found.first()
    product = row.product if row else None
    return product if product and product.state == Product.State.PUBLISHED and product.category.is_visible else None


def category_of(slug: str, language: str) -> tuple[int, str]:
    """(primary key, present slug in this language) of the rayon that has or had this slug, in this language before the
    others; (0, "") for none. One query."""
    found = PageAddress.objects.filter(kind=PageAddress.Kind.CATEGORY, slug=slug.lower())
    found = found.order_by(_other(language, "language"), "pk")
    return found.values_list("category_id", f"category__slug_{language}").first() or (0, "")


def _other(language: str, column: str) -> Case:
    return Case(When(**{column: language}, then=Value(0)), default=Value(1), output_field=IntegerField())


def page_of_path(path: str) -> tuple[str, str] | None:
    """The kind of a product's or rayon's page and its slug in lower case, if the path is of their form in any language;
    whether there is such a page is not asked."""
    whole = path if path.endswith("/") else f"{path}/"
    for language in LANGUAGES:
        for kind in PageAddress.Kind:
            before, after = _around_slug(kind.lower(), language)
            slug = whole.removeprefix(before).removesuffix(after)
            if whole.startswith(before) and whole.endswith(after) and slug and "/" not in slug:
                return str(kind), slug.lower()
    return None
