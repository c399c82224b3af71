from django import forms
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from apps.api import keys
from apps.api.models import ApiKey, Scope


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Droits"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes"]


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    """Keys are created here, displayed once, and revoked; nothing else about them changes."""

    form = ApiKeyForm
    # The response displays the key, and the browser displays the second response.
    may_be_sent_twice = True
    list_display = ["name", "hint", "scopes", "created_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]

    def save_model(self, request, obj, form, change):
        key, secret = keys.create_key(name=obj.name, scopes=obj.scopes, by=request.user, now=timezone.now())
        obj.pk = key.pk
        messages.warning(
            request, _("Copiez la clé maintenant, elle ne sera plus affichée : %(secret)s") % {"secret": secret}
        )

    def has_change_permission(self, request, obj=None):
        # Without an object: the right to use the list's actions.
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(description=gettext_lazy("Révoquer"), permissions=["change"])
    def revoke(self, request, queryset):
        now = timezone.now()
        for key in queryset:
            keys.revoke_key(key=key, now=now)
