from django.db import models
from django.utils.translation import gettext_lazy as _


class ProductOpinion(models.Model):
    """Ratings and newest comments of a product, denormalised; written by the comments' services alone."""

    product = models.OneToOneField(
        "catalogue.Product", on_delete=models.CASCADE, related_name="opinion", primary_key=True
    )
    comments = models.PositiveIntegerField(_("commentaires"), default=0)
    ratings = models.PositiveIntegerField(_("notes"), default=0)
    rating_sum = models.PositiveIntegerField(_("somme des notes"), default=0)
    # The newest ones, as `apps.comments.threads` writes them.
    newest = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.product_id}: {self.rating_sum}/{self.ratings}"

    @property
    def average(self) -> float | None:
        return round(self.rating_sum / self.ratings, 1) if self.ratings else None
