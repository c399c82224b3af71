from django.contrib import admin, messages
from django.db.models import Aggregate, Count, Max, Min, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from import_export.admin import ExportActionModelAdmin
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.import_export.forms import ExportForm

from apps.backoffice.admin import bulk_change
from apps.backoffice.admin.base import ProposesSlugs
from apps.backoffice.admin.direct_upload import DirectUploadInput, keep_pictures, ticket_view
from apps.backoffice.admin.variant_form import VariantForm
from apps.backoffice.admin.variant_sheet import VariantSheet
from apps.catalogue.forms import CheckedImageField
from apps.catalogue.models import Product, ProductImage, Variant
from apps.catalogue.services import fetch_image, products
from apps.catalogue.tasks import fetch_wanted_images, render_renditions
from apps.common.errors import DomainError
from apps.common.money import format_euros
from apps.common.spreadsheets import SafeResource


class VariantInline(TabularInline):
    model = Variant
    form = VariantForm
    extra = 0
    tab = True
    # Ledgers and past orders refer to a variant: it is taken off sale, never deleted.
    can_delete = False
    fields = [
        "sku",
        "ean13",
        "option1_fr",
        "option2_fr",
        "option3_fr",
        "amount",
        "counted",
        "content_quantity",
        "content_unit",
        "weight_g",
        "is_active",
        "position",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("stock")


class ProductImageInline(TabularInline):
    model = ProductImage
    extra = 0
    tab = True
    fields = ["file", "alt_fr", "alt_en", "position", "state", "failure"]
    readonly_fields = ["state", "failure"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "file":
            kwargs |= {"form_class": CheckedImageField, "widget": DirectUploadInput(by=request.user)}
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            # Table headings do not label inputs.
            field.widget.attrs["aria-label"] = field.label
        return field


def _of_variants(value: Aggregate) -> Subquery:
    """An aggregate over the variants of one product."""
    own = Variant.objects.filter(product=OuterRef("pk")).order_by().values("product")
    return Subquery(own.annotate(value=value).values("value"))


class ProductResource(SafeResource):
    class Meta:
        model = Product
        fields = [
            "code",
            "name_fr",
            "name_en",
            "category__name_fr",
            "brand__name",
            "vat_class",
            "state",
            "published_at",
        ]


@admin.register(Product)
class ProductAdmin(ProposesSlugs, SimpleHistoryAdmin, ExportActionModelAdmin, ModelAdmin):
    """A product on one screen: texts in two languages, variants with price and stock, pictures."""

    resource_classes = [ProductResource, VariantSheet]
    export_form_class = ExportForm
    list_display = ["name_fr", "category", "brand", "price_range", "pieces", "variant_count", "state"]
    list_select_related = ["category", "brand"]
    list_filter = ["state", "vat_class", "withdrawal_exception"]
    search_fields = ["name_fr", "name_en", "code", "variants__sku", "variants__ean13"]
    show_full_result_count = False
    list_per_page = 50
    autocomplete_fields = ["category", "brand", "manufacturer", "responsible_person", "attribute_values"]
    prepopulated_fields = {"slug_fr": ["name_fr"], "slug_en": ["name_en"]}
    inlines = [VariantInline, ProductImageInline]
    actions = ["change_in_bulk", "publish", "archive", "ask_again_for_images"]
    compressed_fields = True
    warn_unsaved_form = True
    fieldsets = [
        (None, {"fields": ["name_fr", "category", "brand", "code", "state", "vat_class", "withdrawal_exception"]}),
        (
            _("Textes"),
            {"classes": ["tab"], "fields": ["slug_fr", "description_fr", "name_en", "slug_en", "description_en"]},
        ),
        (
            _("Options et caractéristiques"),
            {
                "classes": ["tab"],
                "fields": [
                    ("option1_name_fr", "option1_name_en"),
                    ("option2_name_fr", "option2_name_en"),
                    ("option3_name_fr", "option3_name_en"),
                    "attribute_values",
                ],
            },
        ),
        (
            _("Origine et sécurité"),
            {
                "classes": ["tab"],
                "description": _("Le règlement (UE) 2023/988, art. 19, veut ces mentions avant la vente."),
                "fields": [
                    ("origin_fr", "origin_en"),
                    "manufacturer",
                    "responsible_person",
                    "safety_warnings_fr",
                    "safety_warnings_en",
                ],
            },
        ),
    ]

    def get_urls(self):
        ticket = self.admin_site.admin_view(ticket_view)
        return [path("envoi-image/", ticket, name="catalogue_image_ticket"), *super().get_urls()]

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.url_name == "catalogue_product_changelist":
            # Subqueries: a search joins variants once more, which would multiply sums over a join.
            queryset = queryset.annotate(
                lowest=_of_variants(Min("price")),
                highest=_of_variants(Max("price")),
                pieces=Coalesce(_of_variants(Sum("stock__on_hand")), 0),
                variant_count=Coalesce(_of_variants(Count("pk")), 0),
            )
        return queryset

    @admin.display(description=_("prix TTC"), ordering="lowest")
    def price_range(self, product) -> str:
        if product.lowest is None:
            return "—"
        if product.lowest == product.highest:
            return format_euros(product.lowest)
        return f"{format_euros(product.lowest)} – {format_euros(product.highest)}"

    @admin.display(description=_("en stock"), ordering="pieces")
    def pieces(self, product) -> int:
        return product.pieces

    @admin.display(description=_("modèles"), ordering="variant_count")
    def variant_count(self, product) -> int:
        return product.variant_count

    def has_delete_permission(self, request, obj=None):
        return False  # archived instead: its price and stock ledgers must stay

    def save_model(self, request, obj, form, change):
        products.tidy(product=obj, now=timezone.now())
        super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        if formset.model is ProductImage:
            super().save_formset(request, form, formset, change)
            for image in [*formset.new_objects, *(changed for changed, _fields in formset.changed_objects)]:
                render_renditions.delay_on_commit(image_id=image.pk)
            return
        now = timezone.now()
        formset.save(commit=False)
        for row in formset.forms:
            if not row.has_changed():
                continue
            is_new = row.instance._state.adding
            try:
                products.save_variant(
                    variant=row.instance,
                    price=row.cleaned_data["amount"] if is_new or "amount" in row.changed_data else None,
                    on_hand=row.cleaned_data["counted"] if is_new or "counted" in row.changed_data else None,
                    seen_on_hand=None if is_new else row.seen("counted"),
                    author=request.user,
                    now=now,
                )
            except DomainError as error:
                messages.error(request, f"{row.instance.sku} : {error.message}")
        formset.save_m2m()

    def render_change_form(self, request, context, **kwargs):
        if request.method == "POST":
            for inline in context["inline_admin_formsets"]:
                if inline.formset.model is ProductImage:
                    keep_pictures(inline.formset)
        return super().render_change_form(request, context, **kwargs)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        products.show_changes(product_ids=[form.instance.pk])

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """Restoring an earlier version refreshes the listing like any other change."""
        response = super().history_form_view(request, object_id, version_id, extra_context)
        if request.method == "POST":
            products.show_changes(product_ids=[int(object_id)])
        return response

    def has_bulk_permission(self, request) -> bool:
        return self.has_change_permission(request) and request.user.has_perm("catalogue.add_catalogueimport")

    @admin.action(description=_("Modifier en lot (prix, TVA, rayon…)"), permissions=["bulk"])
    def change_in_bulk(self, request, queryset):
        return bulk_change.ask(request, queryset, {**self.admin_site.each_context(request), "opts": self.opts})

    @admin.action(description=_("Publier"), permissions=["change"])
    def publish(self, request, queryset):
        count = products.publish(product_ids=list(queryset.values_list("pk", flat=True)), now=timezone.now())
        text = ngettext("%(count)s produit publié.", "%(count)s produits publiés.", count)
        self.message_user(request, text % {"count": count})

    @admin.action(description=_("Archiver (retirer de la vente)"), permissions=["change"])
    def archive(self, request, queryset):
        count = products.archive(product_ids=list(queryset.values_list("pk", flat=True)), now=timezone.now())
        text = ngettext("%(count)s produit archivé.", "%(count)s produits archivés.", count)
        self.message_user(request, text % {"count": count})

    @admin.action(description=_("Redemander les images refusées"), permissions=["change"])
    def ask_again_for_images(self, request, queryset):
        count = fetch_image.ask_again(product_ids=list(queryset.values_list("pk", flat=True)))
        if count:
            fetch_wanted_images.delay_on_commit()
        text = ngettext(
            "%(count)s image sera redemandée à son adresse.",
            "%(count)s images seront redemandées à leur adresse.",
            count,
        )
        self.message_user(request, text % {"count": count})
