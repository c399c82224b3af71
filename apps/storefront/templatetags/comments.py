"""`{% load comments %}{% comments "page-recettes" %}`: the comments of a section, anywhere on the shop's own pages."""

from datetime import datetime

from django import template
from django.templatetags.static import static

from apps.catalogue.models import ProductOpinion
from apps.comments.sections import is_on_our_pages, product_id_of
from apps.comments.threads import ON_PAGE, Thread, newest_threads
from apps.common.keyset import encode
from apps.common.translation import current_language
from apps.storefront.components import comments as components
from apps.storefront.components import ratings

register = template.Library()


@register.simple_tag
def comments(section: str, opinion: ProductOpinion | None = None) -> str:
    """The newest comments of « produit-… » or « page-… », and the form.

    With a product's `opinion`, which is denormalised, it runs no query; without one, two.
    """
    if not is_on_our_pages(section):
        raise template.TemplateSyntaxError(f"« {section} »: a section is called page-… or produit-…")
    if opinion is None and (product_id := product_id_of(section)):
        opinion = ProductOpinion.objects.filter(pk=product_id).first() or ProductOpinion()
    newest = newest_threads(section) if opinion is None else opinion.newest
    return components.render_section(
        section,
        threads=newest,
        following=_following(newest),
        opinion=opinion,
        script=static("storefront/comments.js"),
    )


@register.simple_tag
def comment_list(threads: list[Thread], *, section: str) -> str:
    return components.render_threads(threads, section=section)


@register.simple_tag
def average(opinion: ProductOpinion) -> str:
    return ratings.average(opinion.average or 0, opinion.ratings, current_language())


@register.filter
def stars(rating: int) -> str:
    return ratings.rating(rating)


def _following(threads: list[Thread]) -> str | None:
    """The cursor of the next page. A full page may be the last one: the next is then empty."""
    if len(threads) < ON_PAGE:
        return None
    last = threads[-1]
    return encode(datetime.fromisoformat(last["at"]), last["id"])
