"""Loads what the first pages of a process need, before gunicorn forks: its workers share it and begin warm."""

from decimal import Decimal
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from apps.common.formats import day
from apps.common.money import format_euros
from apps.delivery.services import is_working_day

SELDOM = "legal"
"""Long texts that few visitors read."""


def preload() -> None:
    """Translations, URLs, formats, public holidays, and the storefront's templates, compiled. Without the database."""
    components = engines["jinja2"].env
    for name in components.list_templates(filter_func=lambda name: name.startswith("components/")):
        components.get_template(name)
    folder = Path(apps.get_app_config("storefront").path) / "templates"
    for path in folder.glob("storefront/**/*.html"):
        if SELDOM not in path.parts:
            get_template(path.relative_to(folder).as_posix())
    for language, _name in settings.LANGUAGES:
        with override(language):
            gettext("Panier")
            reverse("storefront:home")
            format_euros(Decimal("1.00"))
            day(timezone.localdate())
    is_working_day(timezone.localdate())
