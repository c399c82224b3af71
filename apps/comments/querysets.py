from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from apps.accounts.models import User


class CommentQuerySet(models.QuerySet["Comment"]):
    def published(self) -> "CommentQuerySet":
        return self.filter(status="PUBLISHED")

    def in_section(self, section_id: str) -> "CommentQuerySet":
        return self.filter(section_id=section_id)

    def threads_of(self, section_id: str) -> "CommentQuerySet":
        """Comments of a section that are no replies."""
        return self.filter(thread_section=section_id)

    def waiting(self) -> "CommentQuerySet":
        return self.filter(status="PENDING")

    def reported(self) -> "CommentQuerySet":
        return self.filter(open_reports__gt=0).exclude(status="REJECTED")

    def of(self, user: "User") -> "CommentQuerySet":
        return self.filter(user=user)
