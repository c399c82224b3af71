from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.translation import gettext_lazy as _

from apps.catalogue.services.images import ImageRefused, check_upload


class CheckedImageField(forms.ImageField):
    """An upload that passes `services.images.clean`; the cleaned value is the fresh file under its content's name.

    In an admin: `formfield_overrides = {models.ImageField: {"form_class": CheckedImageField}}`.
    """

    default_error_messages = {
        "empty": _("Ce fichier est vide. Choisissez une image."),
        "missing": _("Aucune image n’a été choisie."),
    }

    def to_python(self, data: Any) -> UploadedFile | None:
        upload = forms.FileField.to_python(self, data)
        if upload is None:
            return None
        try:
            picture = check_upload(upload)
        except ImageRefused as error:
            raise ValidationError(error.message, code=error.code) from error
        return SimpleUploadedFile(picture.filename, picture.content, f"image/{picture.extension}")
