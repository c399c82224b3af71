from typing import Any

from django.db import IntegrityError


class ProposesSlugs:
    """For screens that propose a slug from a name: œ, ß and ø are written out as everywhere in the shop."""

    class Media:
        # Named together so that ours comes after the one it replaces.
        js = ["admin/js/urlify.js", "catalogue/slugs.js"]


class PageAdmin(ProposesSlugs):
    """For what has a page, or filters lists: two people who give one address or code at once."""

    def changeform_view(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        except IntegrityError:
            # The other was faster, and nothing was written: looked at again, the form says whose the address is.
            return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
