from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.backoffice.admin.base import InvalidatesPages
from apps.catalogue.models import SearchSynonym
from apps.catalogue.services.revision import bump_revision
from apps.catalogue.synonyms import MAX_TERMS, MAX_WORDS, phrases


class SearchSynonymForm(forms.ModelForm):
    class Meta:
        model = SearchSynonym
        fields = ["language", "direction", "words", "found"]

    def clean(self):
        cleaned = super().clean()
        language, both = cleaned.get("language"), cleaned.get("direction") == SearchSynonym.Direction.BOTH
        if not language:
            return cleaned
        self._terms("words", language, at_least=2 if both else 1)
        if both:
            if cleaned.get("found"):
                self.add_error("found", _("Laissez vide, ou choisissez « Les premiers trouvent aussi les seconds »."))
        else:
            self._terms("found", language, at_least=1)
        return cleaned

    def _terms(self, name: str, language: str, *, at_least: int) -> None:
        if name in self.errors:
            return
        terms = phrases(self.cleaned_data.get(name) or "", language)
        if len(terms) < at_least:
            self.add_error(
                name,
                _("Écrivez au moins %(count)d mots, séparés par des virgules.") % {"count": at_least}
                if at_least > 1
                else _("Écrivez au moins un mot."),
            )
        elif len(terms) > MAX_TERMS or any(len(term) > MAX_WORDS for term in terms):
            self.add_error(
                name,
                _("Au plus %(terms)d termes, chacun de %(words)d mots au plus.")
                % {"terms": MAX_TERMS, "words": MAX_WORDS},
            )


@admin.register(SearchSynonym)
class SearchSynonymAdmin(InvalidatesPages):
    """Synonyms for the search. A change bumps the vocabulary's revision: searches use it at once."""

    form = SearchSynonymForm
    list_display = ["words", "direction", "found", "language"]
    list_filter = ["language", "direction"]
    search_fields = ["words", "found"]
    radio_fields = {"direction": admin.VERTICAL}
    fieldsets = [
        (
            None,
            {
                "fields": ["language", "direction", "words", "found"],
                "description": gettext_lazy(
                    "Vos clients écrivent « tisane » et vous vendez des infusions ? Écrivez ici « tisane, infusion » : "
                    "chaque mot trouvera aussi les produits de l’autre, après les siens. Majuscules, accents et "
                    "pluriels ne comptent pas, et les fautes de frappe sont corrigées sans synonyme."
                ),
            },
        )
    ]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        bump_revision(vocabulary=True)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        bump_revision(vocabulary=True)

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        bump_revision(vocabulary=True)
