from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "apps.common"
    # What staff see of it.
    verbose_name = _("E-mails")

    def ready(self) -> None:
        from apps.common import replicas, slow_queries

        connection_created.connect(slow_queries.watch, dispatch_uid="slow_queries")
        connection_created.connect(replicas.watch, dispatch_uid="replicas")
