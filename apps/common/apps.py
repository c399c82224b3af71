from django.apps import AppConfig
from django.db.backends.signals import connection_created


class CommonConfig(AppConfig):
    name = "apps.common"

    def ready(self) -> None:
        from apps.common import slow_queries

        connection_created.connect(slow_queries.watch, dispatch_uid="slow_queries")
