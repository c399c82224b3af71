from apps.catalogue import revision
from apps.catalogue.listing.tree import tree
from apps.catalogue.models import ProductCard
from apps.catalogue.pictures import Picture, picture
from apps.common.memo import Memo
from apps.common.translation import LANGUAGES, current_language

LOOKED_AT = 300


_pictures: Memo[dict[int, Picture]] = Memo(size=len(LANGUAGES))


def rayon_pictures() -> dict[int, Picture]:
    """For each top rayon the picture of its most asked-for product in stock; one query for a revision.

    Only the most asked-for products of the shop are looked at: a rayon with none of them goes without a picture.
    """
    return _pictures.get(revision.current(), current_language(), _find)


def _find() -> dict[int, Picture]:
    by_id = tree(current_language()).by_id
    best = ProductCard.objects.in_stock().order_by("-popularity", "product")
    found: dict[int, Picture] = {}
    for category_id, image in best.values_list("category_id", "picture")[:LOOKED_AT]:
        rayon = by_id.get(category_id)
        if rayon is None or not image:
            continue
        top = (rayon.ancestors or [rayon])[0]
        if top.id in found:
            continue
        thumbnail = picture(
            file=image["file"], renditions=image["renditions"], width=image["width"], height=image["height"], alt=""
        )
        if thumbnail:
            found[top.id] = thumbnail
    return found
