from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "apps.notifications"

    def ready(self) -> None:
        """Registers each composer with the outbox."""
        from apps.notifications import accounts, aftersales, comments, orders, payments, team  # noqa: F401
