from django.db import models


class CatalogueRevision(models.Model):
    """A single row whose number changes with what anonymous pages show; processes poll it and drop stale pages.
    It grows with every change."""

    number = models.PositiveBigIntegerField(default=1)
    # Changes only when the search's vocabulary does, which is costly to load.
    vocabulary = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.number)
