"""`{% load comments %}{% comments "page-recettes" %}`: the comments of a section, anywhere on the shop's own pages."""

from datetime import datetime

from django import template
from django.templatetags.static import static
from django.utils.safestring import mark_safe

from apps.catalogue.models import ProductOpinion
from apps.comments.sections import is_on_our_pages, product_id_of
from apps.comments.threads import ON_PAGE, Thread, newest_threads
from apps.common.keyset import encode
from apps.storefront import comment_rendering

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
    return comment_rendering.render_section(
        section,
        threads=newest,
        following=_following(newest),
        opinion=opinion,
        script=static("storefront/comments.js"),
    )


@register.simple_tag
def comment_list(threads: list[Thread], *, section: str) -> str:
    return comment_rendering.render_threads(threads, section=section)


@register.simple_tag
def average(opinion: ProductOpinion) -> str:
    return mark_safe(comment_rendering.render_average(opinion.average or 0, opinion.ratings))  # noqa: S308 - numbers


@register.filter
def stars(rating: int) -> str:
    return mark_safe(comment_rendering.render_rating(rating))  # noqa: S308 - a number


def _following(threads: list[Thread]) -> str | None:
    """The cursor of the next page. A full page may be the last one: the next is then empty."""
    if len(threads) < ON_PAGE:
        return None
    last = threads[-1]
    return encode(datetime.fromisoformat(last["at"]), last["id"])
