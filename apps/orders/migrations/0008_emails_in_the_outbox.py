"""E-mails about orders are owed in the outbox from here on. Forwards nothing is written: rows are moved while the shop
runs (takeover.py). Backwards they come back, so that a release without the outbox sends what is still owed."""

from django.db import migrations

MOVED_KEY = "order-notification-"
KIND = "order_"
FIELDS = ("status", "attempts", "claimed_at", "sent_at")


def give_back(apps, schema_editor):
    Email = apps.get_model("common", "OutboxEmail")
    Notification = apps.get_model("orders", "OrderNotification")
    emails = Email.objects.filter(kind__startswith=KIND).exclude(kind="order_link").order_by("pk")
    for email in emails.filter(key__startswith=MOVED_KEY).iterator():
        moved = Notification.objects.filter(pk=email.key.removeprefix(MOVED_KEY))
        moved.update(**{name: getattr(email, name) for name in FIELDS})
    Notification.objects.bulk_create(
        (
            Notification(
                order_id=email.object_id,
                kind=email.kind.removeprefix(KIND).upper(),
                occasion=email.occasion,
                created_at=email.created_at,
                **{name: getattr(email, name) for name in FIELDS},
            )
            for email in emails.exclude(key__startswith=MOVED_KEY).iterator()
        ),
        batch_size=500,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_french_column_names"), ("common", "0004_outbox")]

    operations = [migrations.RunPython(migrations.RunPython.noop, give_back)]
