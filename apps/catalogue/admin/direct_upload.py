from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminImageSmallFieldWidget

from apps.accounts.models import User
from apps.catalogue.forms import SentDirectly
from apps.catalogue.services import direct_uploads
from apps.catalogue.services.images import ImageRefused


class DirectUploadInput(UnfoldAdminImageSmallFieldWidget):
    """A file input whose picture a script sends to the bucket as soon as it is chosen.

    Without a bucket or without script it is a file input like any other; so it is when the bucket does not answer.
    """

    template_name = "catalogue/admin/direct_upload.html"

    class Media:
        js = ["catalogue/direct_upload.js"]

    def __init__(self, *, by: User) -> None:
        self.by = by
        super().__init__()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        if direct_uploads.are_possible():
            # Without it the script leaves the input alone.
            attrs = {**(attrs or {}), "data-direct-upload": reverse("admin:catalogue_image_ticket")}
        return super().get_context(name, value, attrs)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        given = super().value_from_datadict(data, files, name)
        token = data.get(f"{name}-sent")
        if given is None and token and direct_uploads.are_possible():
            return SentDirectly(token, self.by)
        return given

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return super().value_omitted_from_data(data, files, name) and f"{name}-sent" not in data


@require_POST
def ticket_view(request: HttpRequest) -> JsonResponse:
    """A ticket for one picture, for whoever may add or change pictures."""
    user = request.user
    if not (user.has_perm("catalogue.add_productimage") or user.has_perm("catalogue.change_productimage")):
        raise PermissionDenied
    if not direct_uploads.are_possible():
        raise Http404
    size = request.POST.get("size", "")
    try:
        ticket = direct_uploads.give_ticket(
            by=user,  # type: ignore[arg-type]
            content_type=request.POST.get("type", ""),
            size=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else 0,
        )
    except ImageRefused as error:
        return JsonResponse({"code": error.code, "message": error.message}, status=422)
    return JsonResponse(asdict(ticket))
