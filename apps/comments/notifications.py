"""What a comment's author is told by e-mail, if they gave an address."""

from typing import Any

from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from apps.comments.models import Comment
from apps.comments.tokens import author_token
from apps.common import mail
from apps.common.tasks import post


@shared_task(name="comments.tell_author")
def tell_author(comment_id: int, status: str, **_unknown: Any) -> None:
    """Of a refusal with its reason, or of a publication that somebody waited for."""
    comment = Comment.objects.select_related("user").filter(pk=comment_id, status=status, withdrawn_at=None).first()
    if comment is None:
        return
    address = comment.email or (comment.user.email if comment.user and comment.user.is_active else "")
    if not address:
        return
    refused = comment.status == Comment.Status.REJECTED
    with translation.override(comment.language):
        link = settings.SITE_URL + own_address(comment)
        if refused:
            subject = _("Votre commentaire n’est pas publié")
            sentences = [
                _("Nous ne publions pas ce commentaire, pour la raison suivante\u202f:"),
                f"«\u202f{comment.reason}\u202f»",
                _("Vous pouvez nous répondre, ou en écrire un autre."),
                _("Voir ou supprimer votre commentaire\u202f:") + f"\n{link}",
            ]
        else:
            subject = _("Votre commentaire est publié")
            sentences = [
                _("Merci\u202f! Nous l’avons lu, et tout le monde peut maintenant le lire aussi."),
                _("Voir ou supprimer votre commentaire\u202f:") + f"\n{link}",
            ]
        quoted = f"«\u202f{comment.text[:300]}\u202f»"
        text = "\n\n".join([_("Bonjour,"), *sentences, _("Vous aviez écrit\u202f:"), quoted])
        key = f"comment-{comment.pk}-{status}-{comment.moderated_at}"
        post(mail.letter(subject=subject, text=text, to=address, language=comment.language, key=key), key=key)


def own_address(comment: Comment) -> str:
    """The page on which its author sees, changes and takes back a comment."""
    return reverse("storefront:own_comment", args=[comment.pk, author_token(comment)])
