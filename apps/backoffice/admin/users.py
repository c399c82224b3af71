from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.accounts.login_emails import replace_login_email
from apps.accounts.models import Address, User
from apps.backoffice.admin.history_imports import line_sentences
from apps.common.typed import TypedForm, TypedModelForm
from apps.orders.models import PastOrder

PAST_ORDERS = 50


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Superusers alone: who changes groups decides everybody's permissions."""

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser


def has_rights(user: User) -> bool:
    """Whether an account has access to the back office, or would have once « membre de l’équipe » is ticked."""
    return user.is_staff or user.is_superuser or user.groups.exists() or user.user_permissions.exists()


class AddressInline(TabularInline):
    model = Address
    form = TypedModelForm
    extra = 0
    tab = True
    fields = ["recipient", "line1", "line2", "postcode", "city", "country", "is_default"]


class PersonForm(TypedForm, UserChangeForm):
    pass


class NewUserForm(TypedForm, UserCreationForm):
    class Meta:
        model = User
        fields = ["email"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """Customers and staff. A staff account is changed by superusers, or by its owner in the shop: whoever sets
    somebody's password or e-mail can log in as them, with all their permissions."""

    form = PersonForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "first_name", "last_name", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["-date_joined"]
    readonly_fields = ["date_joined", "last_login", "erased_at"]
    filter_horizontal = []
    inlines = [AddressInline]
    change_form_outer_after_template = "backoffice/history/of_customer.html"
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "password1", "password2"]})]

    def get_readonly_fields(self, request, obj=None):
        """A colleague's rights are changed on the page of the team, which keeps the last owner."""
        fields = super().get_readonly_fields(request, obj)
        rights = ["is_staff", "is_superuser", "groups"]
        return [*fields, *rights, *(["is_active"] if obj is not None and has_rights(obj) else [])]

    def has_change_permission(self, request, obj=None):
        # The page of the password asks for it too.
        if obj is not None and has_rights(obj) and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False  # erased through their own page, which keeps what accounting law requires

    def change_view(self, request, object_id, form_url="", extra_context=None):
        context = {"past_orders": self._past_orders(request, object_id), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def _past_orders(self, request, object_id: str) -> list[PastOrder]:
        """The newest of a former shop, with this account's e-mail, for whoever may see them."""
        user = self.get_object(request, object_id)
        if user is None or not request.user.has_perm("orders.view_pastorder"):
            return []
        orders = list(PastOrder.objects.of_emails([user.email])[:PAST_ORDERS])
        for order in orders:
            order.sentences = line_sentences(order)
        return orders

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            replace_login_email(user=obj)

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return self.add_fieldsets
        fieldsets = [
            (None, {"fields": ["email", "password"]}),
            (_("Personne"), {"fields": ["first_name", "last_name", "phone", "language"]}),
            (_("Dates"), {"fields": ["last_login", "date_joined", "erased_at"]}),
        ]
        if request.user.is_superuser:
            fieldsets.insert(
                2,
                (
                    _("Droits"),
                    {
                        "fields": ["is_active", "is_staff", "is_superuser", "groups"],
                        "description": _("Les rôles se changent à la page « Équipe »."),
                    },
                ),
            )
        return fieldsets
