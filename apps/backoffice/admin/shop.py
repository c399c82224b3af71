from math import floor
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import localize
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminImageFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.backoffice.checklist import reasons_against_opening
from apps.backoffice.terms import rendered_terms
from apps.catalogue.forms import CheckedImageField
from apps.common.typed import TypedModelForm, is_french_postcode, is_phone
from apps.shop.colours import AA, is_colour, on_paper
from apps.shop.hours import closures_of, format_closures, format_day, parse_closures, parse_day, spans_of
from apps.shop.icons import make_icons
from apps.shop.identity import current
from apps.shop.models import Shop, TermsText
from apps.shop.numbers import compact, is_bic, is_iban, is_siret, is_vat_number
from apps.shop.requirements import missing
from apps.shop.services import AlreadyOpen, NotReady, open_shop, publish_terms, save_shop, the_row

CHANGE = "shop.change_shop"
# What a variable of the environment fixes: the fields of the row that it stands for.
FIXED_FIELDS = {
    "name": ["name"],
    "company": ["company", "legal_form"],
    "capital": ["capital"],
    "registration": ["registration"],
    "vat_number": ["vat_number"],
    "address": ["street", "postcode", "city"],
    "phone": ["phone"],
    "email": ["email"],
    "publisher": ["publisher"],
    "host": ["host"],
    "mediator": ["mediator"],
    "iban": ["iban"],
    "bic": ["bic"],
    "sender": ["sender"],
}
DAYS = [f"hours_{day}" for day in range(7)]


capfirst_lazy = lazy(capfirst, str)


def _hours(day: int) -> forms.CharField:
    return forms.CharField(
        label=capfirst_lazy(WEEKDAYS[day]), required=False, max_length=100, widget=UnfoldAdminTextInputWidget
    )


class ShopForm(TypedModelForm):
    """Facts that a variable of the environment fixes are displayed and cannot be changed here."""

    working_days = forms.MultipleChoiceField(
        label=gettext_lazy("Jours ouvrés"),
        choices=[(str(day), name.capitalize()) for day, name in WEEKDAYS.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("Les jours où vous préparez et confiez des colis. Les jours fériés n’en sont jamais."),
    )
    closure_lines = forms.CharField(
        label=gettext_lazy("Fermetures"),
        required=False,
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Une par ligne : 24/12/2026 au 02/01/2027 Congés. Aucun colis ne part ces jours-là, et les dates de "
            "livraison annoncées en tiennent compte."
        ),
    )

    picture = CheckedImageField(
        label=gettext_lazy("Image de la boutique"),
        required=False,
        widget=UnfoldAdminImageFieldWidget,
        help_text=gettext_lazy(
            "Votre logo, carré de préférence, 512 pixels au moins. Toutes les tailles en sont faites : en-tête, "
            "onglet, écran d’un téléphone."
        ),
    )
    hours_0, hours_1, hours_2, hours_3 = _hours(0), _hours(1), _hours(2), _hours(3)
    hours_4, hours_5, hours_6 = _hours(4), _hours(5), _hours(6)

    class Meta:
        model = Shop
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shop = self.instance
        self.initial["working_days"] = list(shop.working_days)
        self.initial["closure_lines"] = format_closures(closures_of(shop.closures))
        for day, name in enumerate(DAYS):
            if name in self.fields:
                self.initial[name] = format_day(spans_of(shop.hours[day])) if shop.hours else ""
        self.fixed = {
            field: key for key in settings.SHOP_FROM_ENVIRONMENT for field in FIXED_FIELDS[key] if field in self.fields
        }
        for name, key in self.fixed.items():
            field = self.fields[name]
            field.disabled = True
            if name in (key, "street"):
                self.initial[name] = settings.SHOP_FROM_ENVIRONMENT[key]
            field.help_text = _("Fixé par la variable %(variable)s du serveur.") % {
                "variable": settings.SHOP_VARIABLES[key]
            }

    def clean_siret(self) -> str:
        siret = compact(self.cleaned_data["siret"])
        if siret and not is_siret(siret):
            raise forms.ValidationError(
                _("Ce SIRET ne peut pas être juste : il a quatorze chiffres, et le dernier les contrôle. Recopiez-le.")
            )
        return siret

    def clean_vat_number(self) -> str:
        number = compact(self.cleaned_data["vat_number"])
        if number and not is_vat_number(number):
            raise forms.ValidationError(
                _("Ce numéro de TVA ne peut pas être juste : FR, une clé de deux caractères, puis le SIREN.")
            )
        return number

    def clean_iban(self) -> str:
        iban = compact(self.cleaned_data["iban"])
        if iban and not is_iban(iban):
            raise forms.ValidationError(
                _("Cet IBAN ne peut pas être juste : ses chiffres de contrôle ne vont pas. Recopiez-le de votre RIB.")
            )
        return iban

    def clean_bic(self) -> str:
        bic = compact(self.cleaned_data["bic"])
        if bic and not is_bic(bic):
            raise forms.ValidationError(_("Un BIC a huit ou onze caractères ; il est sur votre RIB."))
        return bic

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if phone and not is_phone(phone):
            raise forms.ValidationError(_("Ce numéro de téléphone ne peut pas être composé."))
        return phone

    def clean_postcode(self) -> str:
        postcode = self.cleaned_data["postcode"]
        if postcode and not is_french_postcode(postcode):
            raise forms.ValidationError(_("Ce n’est pas un code postal français : cinq chiffres."))
        return postcode

    def clean_order_prefix(self) -> str:
        return self.cleaned_data["order_prefix"].upper()

    def clean_working_days(self) -> str:
        return "".join(sorted(self.cleaned_data["working_days"]))

    def clean_accent(self) -> str:
        colour = self.cleaned_data["accent"].lower()
        if colour and not is_colour(colour):
            raise forms.ValidationError(_("Écrivez la couleur ainsi : #256b4c."))
        if colour and (ratio := on_paper(colour)) < AA:
            raise forms.ValidationError(
                _(
                    "Cette couleur est trop claire : son contraste avec la page est de %(ratio)s, il en faut 4,5 "
                    "(WCAG AA)."
                )
                % {"ratio": localize(floor(ratio * 100) / 100)}
            )
        return colour

    def clean_closure_lines(self) -> list[list[str]]:
        try:
            return parse_closures(self.cleaned_data["closure_lines"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self.fixed:
            # The row stays as it is: what the environment says is not copied into it, and nobody here can correct it.
            self.errors.pop(name, None)
            cleaned[name] = getattr(self.instance, name)
        self._clean_hours(cleaned)
        number, siret = cleaned.get("vat_number", ""), cleaned.get("siret", "")
        if number and siret and number[4:] != siret[:9]:
            self.add_error(
                "vat_number", _("Ce numéro de TVA n’est pas celui du SIRET : ses neuf derniers chiffres sont le SIREN.")
            )
        if bool(cleaned.get("iban")) != bool(cleaned.get("bic")) and not {"iban", "bic"} & {*self.errors, *self.fixed}:
            self.add_error("bic", _("L’IBAN et le BIC vont ensemble ; sans eux, le virement n’est pas proposé."))
        return cleaned

    def _clean_hours(self, cleaned: dict[str, Any]) -> None:
        week = []
        for name in DAYS:
            try:
                week.append(parse_day(cleaned.get(name, "")))
            except ValueError as error:
                self.add_error(name, str(error))
        if len(week) == len(DAYS):
            self.instance.hours = week if any(week) else []
        if "closure_lines" in cleaned:
            self.instance.closures = cleaned["closure_lines"]

    def save(self, commit: bool = True) -> Shop:
        if upload := self.cleaned_data.get("picture"):
            self.instance.icons = make_icons(upload.read())
        return super().save(commit)


@admin.register(Shop)
class ShopAdmin(ModelAdmin):
    """One record: its list leads to it. A change is on every page within seconds."""

    form = ShopForm
    change_form_template = "backoffice/shop/change_form.html"
    fieldsets = [
        (
            gettext_lazy("Qui nous sommes"),
            {
                "fields": [
                    "name",
                    ("company", "legal_form"),
                    ("siret", "registration"),
                    ("capital", "vat_number"),
                    "vat_franchise",
                    "street",
                    ("postcode", "city"),
                    ("phone", "email"),
                    "sender",
                ],
                "description": gettext_lazy("Sur chaque page, dans les e-mails, les factures et les mentions légales."),
            },
        ),
        (
            gettext_lazy("Comment on nous paie"),
            {
                "fields": ["iban", "bic", ("card_hold_minutes", "transfer_hold_days")],
                "description": gettext_lazy(
                    "Le compte sur lequel vos clients font leurs virements. Sans lui, le virement n’est pas proposé."
                ),
            },
        ),
        (
            gettext_lazy("Comment nous travaillons"),
            {
                "fields": ["order_prefix", "cutoff", "working_days", "closure_lines"],
                "description": gettext_lazy("D’où viennent les dates de livraison que vos clients voient."),
            },
        ),
        (
            gettext_lazy("Horaires d’ouverture"),
            {
                "fields": [("hours_0", "hours_1"), ("hours_2", "hours_3"), ("hours_4", "hours_5"), "hours_6"],
                "description": gettext_lazy(
                    "Ainsi : 9h-12h30, 14h-19h. Un jour sans heures est fermé ; sans aucune heure, rien n’est affiché."
                ),
            },
        ),
        (
            gettext_lazy("Ce que l’on voit"),
            {
                "fields": ["picture", "accent", "offers_english"],
                "description": gettext_lazy("L’image et la couleur de toutes les pages."),
            },
        ),
        (
            gettext_lazy("Ce que la loi demande"),
            {
                "fields": ["publisher", "host", "mediator"],
                "description": gettext_lazy("Dans les mentions légales et les conditions de vente."),
            },
        ),
    ]
    help_texts = {
        "name": gettext_lazy("Celui de l’enseigne, que vos clients connaissent."),
        "company": gettext_lazy("La dénomination au registre ; pour une entreprise individuelle, vos prénom et nom."),
        "siret": gettext_lazy("Quatorze chiffres, sur votre extrait Kbis ou votre avis de situation Insee."),
        "registration": gettext_lazy("Le registre et sa ville, par exemple RCS Lyon. Le SIREN s’y ajoute."),
        "capital": gettext_lazy("Pour une société seulement : 10 000 €."),
        "vat_number": gettext_lazy("FR, deux caractères, puis le SIREN."),
        "vat_franchise": gettext_lazy("« TVA non applicable, art. 293 B du CGI » : vous ne facturez pas la TVA."),
        "email": gettext_lazy("Où vos clients vous écrivent ; les réponses à nos e-mails y arrivent."),
        "sender": gettext_lazy("Laissez vide pour l’adresse ci-dessus. Elle doit être autorisée chez votre hébergeur."),
        "card_hold_minutes": gettext_lazy("Combien de temps le stock attend un paiement par carte commencé."),
        "transfer_hold_days": gettext_lazy("Combien de jours le stock attend un virement."),
        "order_prefix": gettext_lazy("WM donne WM-7K3Q-9F2M. Les anciens numéros restent trouvés."),
        "cutoff": gettext_lazy("Une commande passée avant part le jour même, si c’est un jour ouvré."),
        "accent": gettext_lazy("Six chiffres hexadécimaux après un dièse : #256b4c. Vide pour le vert d’origine."),
        "offers_english": gettext_lazy("Décochée, les pages anglaises mènent aux françaises."),
        "publisher": gettext_lazy("Le responsable légal de l’entreprise (loi n° 2004-575, art. 1-1)."),
        "host": gettext_lazy("Nom, adresse et téléphone de qui héberge le site."),
        "mediator": gettext_lazy(
            "Nom, adresse et site du médiateur auquel vous avez adhéré (code de la consommation, art. L612-1)."
        ),
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in self.help_texts:
            field.help_text = self.help_texts[db_field.name]
        # People paste a number as it is printed, with its spaces.
        if field is not None and db_field.name in ("siret", "vat_number", "iban", "bic"):
            field.max_length = None
            field.validators = []
            field.widget.attrs.pop("maxlength", None)
        return field

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("open/", view(self.open_view), name="shop_shop_open"),
            path("terms/", view(self.terms_view), name="shop_shop_terms"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:shop_shop_change", the_row().pk)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context |= {"missing": missing(current()), "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Shop) -> HttpResponse:
        super().response_change(request, obj)
        return redirect(request.path)

    def save_model(self, request: HttpRequest, obj: Shop, form: Any, change: bool) -> None:
        save_shop(shop=obj, by=request.user)

    def open_view(self, request: HttpRequest) -> HttpResponse:
        """Opens the shop to the public; refused with every reason while the law or the first order needs something."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            open_shop(reasons=reasons_against_opening(request.user), by=request.user, now=timezone.now())
        except NotReady as error:
            # The checklist below says each.
            messages.error(request, error.message)
        except AlreadyOpen as error:
            messages.info(request, error.message)
        else:
            messages.success(request, _("La boutique est ouverte : vos clients y entrent dès maintenant."))
        return redirect("admin:index")

    def terms_view(self, request: HttpRequest) -> HttpResponse:
        """The terms of sale, filled with the shop's facts, to read and to publish."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        texts = rendered_terms()
        in_force = TermsText.objects.filter(version=current().terms_version).first()
        if request.method == "POST":
            if lacking := missing(current()):
                for each in lacking:
                    messages.error(request, each.sentence)
            else:
                text = publish_terms(text_fr=texts["fr"], text_en=texts["en"], by=request.user, now=timezone.now())
                messages.success(
                    request, _("Les conditions de vente sont en vigueur, version %(version)s.") % {"version": text}
                )
            return redirect("admin:shop_shop_terms")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Conditions de vente"),
            "opts": self.opts,
            "text": texts["fr"],
            "missing": missing(current()),
            "in_force": in_force,
            "is_current": in_force is not None and in_force.text_fr == texts["fr"] and in_force.text_en == texts["en"],
            "versions": TermsText.objects.select_related("published_by"),
            "shop_url": reverse("admin:shop_shop_change", args=[1]),
        }
        return TemplateResponse(request, "backoffice/shop/terms.html", context)
