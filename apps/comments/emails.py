"""What people are notified of about comments: kinds of the outbox. `apps.notifications` composes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CommentEmail(models.TextChoices):
    """The object is the comment; of an invitation, the order."""

    PUBLISHED = "comment_published", _("commentaire publié")
    REFUSED = "comment_refused", _("commentaire refusé")
    INVITATION = "review_invitation", _("invitation à donner un avis")
