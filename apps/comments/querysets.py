from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from apps.accounts.models import User


class CommentQuerySet(models.QuerySet["Comment"]):
    def published(self) -> "CommentQuerySet":
        return self.filter(status="PUBLISHED")

    def in_section(self, section_id: str) -> "CommentQuerySet":
        return self.filter(section_id=section_id)

    def of(self, user: "User") -> "CommentQuerySet":
        return self.filter(user=user)
