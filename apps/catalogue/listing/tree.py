"""The visible rayons, read in one query and cached by each process until the catalogue changes."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from apps.catalogue import revision
from apps.catalogue.listing.page_urls import category_url
from apps.catalogue.models import Category, FacetCount
from apps.common.memo import Memo
from apps.common.translation import LANGUAGES


@dataclass(slots=True, eq=False)
class Rayon:
    """A visible category in one language, linked to those above and under it. Shared by requests: never changed."""

    id: int
    name: str
    slug: str
    url: str
    tint: str
    description: str
    parent: "Rayon | None"
    children: "list[Rayon]"
    alternates: dict[str, str]
    """Its URL in each language, for hreflang and the language switch."""
    size: int
    """Visible products in it and under it."""
    revision: int
    """The catalogue's when this was read."""

    @property
    def ancestors(self) -> "list[Rayon]":
        """From the top, without itself."""
        return [*self.parent.ancestors, self.parent] if self.parent else []


@dataclass(frozen=True, slots=True)
class Tree:
    revision: int
    roots: list[Rayon]
    by_id: dict[int, Rayon]
    by_slug: dict[str, Rayon]


_trees: Memo[dict[str, Tree]] = Memo(size=1)


def tree(language: str, number: int | None = None) -> Tree:
    """The rayons at the catalogue's current revision, or at the one that the caller has just asked for."""
    number = revision.current() if number is None else number
    return _trees.get(number, "tree", lambda: _read(number))[language]


def _read(number: int) -> dict[str, Tree]:
    trees = {language: Tree(number, [], {}, {}) for language in LANGUAGES}
    by_path: dict[str, dict[str, Rayon]] = {}
    sizes = FacetCount.objects.filter(category=OuterRef("pk"), kind=FacetCount.Kind.ALL, key=0).values("count")
    for category in Category.objects.order_by("path").annotate(size=Subquery(sizes)):
        parents = by_path.get(category.path[: -Category.steplen])
        if not category.is_visible or (category.depth > 1 and parents is None):
            continue
        slugs = {language: getattr(category, f"slug_{language}") for language in LANGUAGES}
        alternates = {language: category_url(slug, language) for language, slug in slugs.items()}
        by_path[category.path] = {}
        for language, found in trees.items():
            parent = parents[language] if parents else None
            rayon = Rayon(
                id=category.pk,
                name=getattr(category, f"name_{language}") or category.name_fr,
                slug=slugs[language],
                url=alternates[language],
                tint=category.tint or (parent.tint if parent else ""),
                description=getattr(category, f"description_{language}") or category.description_fr,
                parent=parent,
                children=[],
                alternates=alternates,
                size=category.size or 0,
                revision=number,
            )
            by_path[category.path][language] = rayon
            (parent.children if parent else found.roots).append(rayon)
            found.by_id[rayon.id] = rayon
            found.by_slug[rayon.slug] = rayon
    return trees
