"""Kinds of e-mail about comments. `apps.notifications` composes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CommentEmail(models.TextChoices):
    """`object_id` is the comment's; of INVITATION, the order's."""

    PUBLISHED = "comment_published", _("commentaire publié")
    REFUSED = "comment_refused", _("commentaire refusé")
    INVITATION = "review_invitation", _("invitation à donner un avis")
