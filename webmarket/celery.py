import os
from pathlib import Path

from celery import Celery
from celery.signals import worker_init
from django.conf import settings

from webmarket import task_log, tracing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")

app = Celery("webmarket", task_cls="apps.operations.planned.task:PlannedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
task_log.connect()


@worker_init.connect
def trace(**kwargs):
    tracing.start(release=settings.RELEASE, environment=settings.OPERATIONS["environment"])


@app.on_after_configure.connect
def make_broker_folders(**kwargs):
    """Create the folders of the embedded broker (filesystem://), which senders do not create."""
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        for folder in settings.CELERY_BROKER_TRANSPORT_OPTIONS.values():
            Path(folder).mkdir(parents=True, exist_ok=True)
