from django.db import models


class CatalogueRevision(models.Model):
    """A single row that counts changes to what anonymous pages show; every process watches it to drop stale pages."""

    number = models.PositiveBigIntegerField(default=1)
    # Changes only when the search's vocabulary does: that one is costly to load.
    vocabulary = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.number)
