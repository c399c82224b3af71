"""The rayons as a file names them."""

from apps.catalogue.models import Category, PageAddress
from apps.common.letters import fold, slug_of
from apps.imports.catalogue.records import ProductRecord


class CategoryPaths:
    """The rayons, by path of names and by slug. Read once per run; `write` adds the rayons that it creates."""

    def __init__(self) -> None:
        self.slug_to_id: dict[str, int] = {}
        self.children: dict[tuple[int, str], int] = {}
        paths: dict[str, int] = {}
        for category in Category.objects.order_by("path"):
            above = paths.get(category.path[: -Category.steplen], 0)
            paths[category.path] = category.pk
            self.add(category, above)
        former = PageAddress.objects.filter(kind=PageAddress.Kind.CATEGORY, language="fr")
        parents = {pk: paths.get(path[: -Category.steplen], 0) for path, pk in paths.items()}
        for slug, pk in former.values_list("slug", "category_id"):
            if pk in parents:
                # The file has the rayon's former name.
                self.slug_to_id.setdefault(slug, pk)
                self.children.setdefault((parents[pk], f"/{slug}"), pk)

    def add(self, category: Category, above: int) -> None:
        """A rayon is indexed under its parent by name and by slug: renamed by staff, it is still found."""
        self.slug_to_id[category.slug_fr] = category.pk
        self.children.setdefault((above, fold(category.name_fr)), category.pk)
        self.children.setdefault((above, f"/{category.slug_fr}"), category.pk)

    def create(self, above: int, fields: dict[str, str]) -> int:
        """A new rayon, last under the one with primary key `above` or, for 0, last at the top."""
        if above:
            category = Category.objects.add_child(Category.objects.get(pk=above), fields)
        else:
            category = Category.objects.add_root(fields)
        self.add(category, above)
        return category.pk

    def child(self, above: int, name: str) -> int | None:
        return self.children.get((above, fold(name))) or self.children.get((above, f"/{slug_of(name)[:140]}"))

    def find(self, record: ProductRecord) -> int | None:
        if record.category_slug:
            return self.slug_to_id.get(record.category_slug)
        at: int | None = 0
        for name in record.category or ():
            at = self.child(at, name) if at is not None else None
        return at or None
