from django.db.models import Count, Sum

from apps.catalogue.models import Product, ProductCard, ProductOpinion
from apps.catalogue.services.revision import bump_revision
from apps.comments.models import Comment
from apps.comments.sections import is_on_our_pages, product_id_of
from apps.comments.threads import newest_threads


def refresh_section(section_id: str) -> None:
    """Update the rows that pages read for a section; call it in the transaction that changed its published comments.

    Recomputes the product's ProductOpinion and ProductCard under the opinion's lock, so that the later of two
    concurrent changes counts both, and bumps the catalogue's revision. Does nothing for sections of other sites.
    """
    if not is_on_our_pages(section_id):
        return
    product_id = product_id_of(section_id)
    if product_id is not None and Product.objects.filter(pk=product_id).exists():
        _refresh_product(section_id, product_id)
    bump_revision()


def _refresh_product(section_id: str, product_id: int) -> None:
    locked = ProductOpinion.objects.select_for_update().filter(pk=product_id)
    opinion = locked.first()
    if opinion is None:
        # Only when there is none: INSERT IGNORE on an existing row takes a shared lock, and two of them deadlock.
        ProductOpinion.objects.bulk_create([ProductOpinion(product_id=product_id)], ignore_conflicts=True)
        opinion = locked.get()
    published = Comment.objects.published().in_section(section_id).filter(withdrawn_at=None)
    counted = published.aggregate(comments=Count("pk"), ratings=Count("rating"), rating_sum=Sum("rating"))
    opinion.comments = counted["comments"]
    opinion.ratings = counted["ratings"]
    opinion.rating_sum = counted["rating_sum"] or 0
    opinion.newest = newest_threads(section_id)
    opinion.save()
    ProductCard.objects.filter(pk=product_id).update(ratings=opinion.ratings, rating_sum=opinion.rating_sum)
