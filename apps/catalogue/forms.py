from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.catalogue.services import direct_uploads, saved_uploads
from apps.catalogue.services.images import ImageRefused, check_upload
from apps.common.errors import DomainError


@dataclass(frozen=True, slots=True)
class SentDirectly:
    """In place of a file, the token of one that the browser uploaded to the bucket or that a refused save stored."""

    token: str
    by: User

    def collected(self) -> UploadedFile:
        try:
            if saved_uploads.is_token(self.token):
                return saved_uploads.collect(token=self.token, by=self.by)
            return direct_uploads.collect(token=self.token, by=self.by)
        except DomainError as error:
            raise ValidationError(error.message, code=error.code) from error


class CheckedImageField(forms.ImageField):
    """An upload that passes `services.images.clean`; the cleaned value is the fresh file under its content's name.

    In an admin: `formfield_overrides = {models.ImageField: {"form_class": CheckedImageField}}`.
    """

    default_error_messages = {
        "empty": _("Ce fichier est vide. Choisissez une image."),
        "missing": _("Aucune image n’a été choisie."),
    }

    def to_python(self, data: Any) -> UploadedFile | None:
        if isinstance(data, SentDirectly):
            data = data.collected()
        upload = forms.FileField.to_python(self, data)
        if upload is None:
            return None
        try:
            picture = check_upload(upload)
        except ImageRefused as error:
            raise ValidationError(error.message, code=error.code) from error
        return SimpleUploadedFile(picture.filename, picture.content, f"image/{picture.extension}")
