from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactImageField, ExactURLField
from apps.common.translation import Translated


def image_path(image: "ProductImage", filename: str) -> str:
    return f"products/{image.product_id}/{filename}"


class ProductImage(models.Model):
    """A picture of a product, in order. `renditions` lists the widths rendered from it as AVIF and WebP."""

    class State(models.TextChoices):
        WANTED = "WANTED", _("à télécharger")
        READY = "READY", _("prête")
        FAILED = "FAILED", _("refusée")

    product = models.ForeignKey("catalogue.Product", on_delete=models.CASCADE, related_name="images")
    variant = models.ForeignKey(
        "catalogue.Variant", on_delete=models.SET_NULL, null=True, blank=True, related_name="images"
    )
    file = ExactImageField(_("fichier"), upload_to=image_path, blank=True, width_field="width", height_field="height")
    width = models.PositiveIntegerField(_("largeur"), default=0, editable=False)
    height = models.PositiveIntegerField(_("hauteur"), default=0, editable=False)
    renditions = models.JSONField(_("déclinaisons"), default=list, editable=False)
    awaits_renditions = models.BooleanField(default=False, db_default=False, db_index=True, editable=False)
    alt_fr = models.CharField(_("texte de remplacement"), max_length=200, blank=True)
    alt_en = models.CharField(_("texte de remplacement (anglais)"), max_length=200, blank=True)
    alt = Translated()
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)
    source_url = ExactURLField(_("adresse d’origine"), max_length=500, blank=True)
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.READY)
    failure = models.CharField(_("refus"), max_length=200, blank=True)
    # After failed fetches: when the next attempt is due, and how many rounds of attempts have failed.
    retry_at = models.DateTimeField(null=True, db_index=True, editable=False)
    given_up = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.alt or self.file.name
