from functools import cache

from django.templatetags.static import static
from django.utils.safestring import SafeString

from apps.catalogue.pictures import Picture
from apps.storefront.components.templates import render

NO_PICTURE = "storefront/no-picture.svg"


def picture(image: Picture | None, sizes: str, eager: bool, alt: str | None = None) -> SafeString:
    """A responsive `<picture>`; `sizes` is its width on the page. `alt` is the picture's own if None."""
    if image is None:
        return _no_picture()
    return render("picture", image=image, sizes=sizes, eager=eager, alt=image.alt if alt is None else alt)


@cache
def _no_picture() -> SafeString:
    return render("no_picture", url=static(NO_PICTURE))
