import factory

from apps.comments.models import Comment


class CommentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Comment

    section_id = "produit-tasse"
    author = "Camille"
    text = factory.Sequence(lambda n: f"Très belle tasse, {n} fois merci.")
    status = Comment.Status.PUBLISHED
    first_status = factory.SelfAttribute("status")
