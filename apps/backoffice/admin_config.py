"""Django's admin with this project's site, whose screens are imported by the first that asks for one."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_dependencies
from django.core import checks


class AdminConfig(SimpleAdminConfig):
    default_site = "apps.backoffice.site.BackofficeSite"

    def ready(self) -> None:
        """Django's own, but that its check of screens would pass over a site that nothing has used yet."""
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_screens, checks.Tags.admin)


def check_screens(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[checks.CheckMessage]:
    from django.contrib import admin

    errors: list[checks.CheckMessage] = admin.site.check(app_configs)
    return errors
