from django.db import models


class OrderQuerySet(models.QuerySet):
    def of(self, user) -> "OrderQuerySet":
        return self.filter(user=user)
