from django.db import models


class ProductQuerySet(models.QuerySet):
    def visible(self) -> "ProductQuerySet":
        """Published products in visible rayons: what a shopper may see."""
        return self.filter(state="PUBLISHED", category__is_visible=True)
