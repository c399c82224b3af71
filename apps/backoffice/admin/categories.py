from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from treebeard.forms import movenodeform_factory

from apps.backoffice.admin.base import InvalidatesPages, ProposesSlugs
from apps.catalogue.models import Category
from apps.catalogue.services.listing import refresh_category


@admin.register(Category)
class CategoryAdmin(ProposesSlugs, InvalidatesPages):
    """The tree of rayons; « position » and « par rapport à » move a rayon with all it contains."""

    # Moving one rayon rewrites the tree positions of others.
    locks_whole_table = True
    form = movenodeform_factory(Category, exclude=["path", "depth", "numchild"])
    list_display = ["indented_name", "slug_fr", "is_visible"]
    search_fields = ["name_fr", "name_en"]
    ordering = ["path"]
    prepopulated_fields = {"slug_fr": ["name_fr"], "slug_en": ["name_en"]}

    @admin.display(description=_("rayon"), ordering="path")
    def indented_name(self, category: Category) -> str:
        return format_html("{}{}", "\u2003" * (category.depth - 1), category.name)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        refresh_category(category_id=obj.pk)
