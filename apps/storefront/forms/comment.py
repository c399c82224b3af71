from datetime import timedelta

from django import forms
from django.core import signing
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from apps.comments.models import MAX_RATING, MAX_TEXT, Report
from apps.common.fields import EmailFormField
from apps.common.typed import TypedForm

# A form that is sent sooner was filled in by a robot.
LEAST_TIME = timedelta(seconds=3)
_SALT = "apps.storefront.comment"


def started() -> str:
    """A signed time, for a form that is rendered for one visitor."""
    return signing.TimestampSigner(salt=_SALT).sign("1")


class TextForm(TypedForm, forms.Form):
    text = forms.CharField(
        label=_("Votre commentaire"),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "maxlength": MAX_TEXT}),
        validators=[
            MaxLengthValidator(MAX_TEXT, _("Le commentaire est trop long\u202f: 5000 caractères au plus.")),
            ProhibitNullCharactersValidator(),
        ],
    )


class RatingField(forms.TypedChoiceField):
    def __init__(self) -> None:
        labels = [_("Décevant"), _("Moyen"), _("Correct"), _("Bien"), _("Excellent")]
        super().__init__(
            label=_("Votre note"),
            choices=[(mark, format_lazy("{} / 5 – {}", mark, labels[mark - 1])) for mark in range(MAX_RATING, 0, -1)],
            coerce=int,
            empty_value=None,
            widget=forms.RadioSelect,
        )


class CommentForm(TextForm):
    author = forms.CharField(
        label=_("Votre nom, tel qu’il sera publié"),
        max_length=80,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
    )
    email = EmailFormField(
        label=_("Votre adresse e-mail"),
        required=False,
        max_length=254,
        help_text=_("Pour vous dire s’il est publié\u202f; elle n’est jamais montrée."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    parent = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    # Hidden from people, filled in by robots.
    website = forms.CharField(
        label=_("Laissez ce champ vide"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    started = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    # From the browser's storage, an earlier comment's number and its author's token.
    earlier = forms.RegexField(r"\d{1,18}:[0-9a-f]{40}", required=False, widget=forms.HiddenInput)

    field_order = ["rating", "author", "text", "email"]

    def __init__(self, *args, may_rate: bool = False, **options) -> None:
        super().__init__(*args, **options)
        if may_rate:
            self.fields["rating"] = RatingField()
            self.order_fields(self.field_order)

    @property
    def is_from_a_robot(self) -> bool:
        return bool(self.cleaned_data["website"]) or self._is_too_fast()

    def _is_too_fast(self) -> bool:
        """Only forms rendered for one visitor carry `started`; those on shared pages do not, and never are."""
        signed = self.cleaned_data["started"]
        if not signed:
            return False
        signer = signing.TimestampSigner(salt=_SALT)
        try:
            signer.unsign(signed, max_age=LEAST_TIME)
        except signing.SignatureExpired:
            return False
        except signing.BadSignature:
            return True
        return True


class OwnCommentForm(TextForm):
    def __init__(self, *args, may_rate: bool = False, **options) -> None:
        super().__init__(*args, **options)
        if may_rate:
            self.fields["rating"] = RatingField()
            self.order_fields(["rating", "text"])


class ReportForm(forms.Form):
    reason = forms.ChoiceField(label=_("Pourquoi"), choices=Report.Reason.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Précision"),
        required=False,
        max_length=300,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.Textarea(attrs={"rows": 2}),
    )
