from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.forms import BaseFormSet
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminImageSmallFieldWidget

from apps.accounts.models import User
from apps.catalogue.forms import SentDirectly
from apps.catalogue.services import direct_uploads, saved_uploads
from apps.catalogue.services.images import ImageRefused


class DirectUploadInput(UnfoldAdminImageSmallFieldWidget):
    """A file input whose picture a script uploads to the bucket as soon as it is chosen.

    Without a bucket, without JavaScript or when the bucket does not answer, it is an ordinary file input.
    """

    template_name = "backoffice/catalogue/direct_upload.html"

    class Media:
        js = ["backoffice/direct_upload.js"]

    def __init__(self, *, by: User) -> None:
        self.by = by
        self.saved_token = ""
        super().__init__()

    def keep(self, picture: UploadedFile, *, label: str, token: str | None) -> None:
        """After a refused save, store the chosen picture and put its token into the page."""
        if not saved_uploads.is_token(token) or not saved_uploads.label_of(str(token)):
            token = saved_uploads.save(picture=picture, by=self.by, label=label)
        self.saved_token = str(token)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        if direct_uploads.are_possible():
            # The script ignores inputs without this attribute.
            attrs = {**(attrs or {}), "data-direct-upload": reverse("admin:catalogue_image_ticket")}
        context = super().get_context(name, value, attrs)
        if self.saved_token:
            context["widget"]["saved"] = {"token": self.saved_token, "name": saved_uploads.label_of(self.saved_token)}
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        given = super().value_from_datadict(data, files, name)
        token = data.get(f"{name}-sent")
        if given is None and token and (saved_uploads.is_token(token) or direct_uploads.are_possible()):
            return SentDirectly(token, self.by)
        return given

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return super().value_omitted_from_data(data, files, name) and f"{name}-sent" not in data


def keep_pictures(formset: BaseFormSet) -> None:
    """After a refused save, store the pictures that passed their check, so that nobody has to choose them again."""
    for form in formset.forms:
        picture = getattr(form, "cleaned_data", {}).get("file")
        widget = form.fields["file"].widget if "file" in form.fields else None
        if isinstance(widget, DirectUploadInput) and isinstance(picture, UploadedFile):
            chosen = form.files.get(form.add_prefix("file"))
            token = None if chosen else form.data.get(f"{form.add_prefix('file')}-sent")
            widget.keep(picture, label=chosen.name if chosen else str(_("L’image choisie")), token=token)


@require_POST
def ticket_view(request: HttpRequest) -> JsonResponse:
    """A ticket to upload one picture. Needs the permission to add or change pictures."""
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
