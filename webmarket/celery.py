import os
from pathlib import Path

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")

app = Celery("webmarket", task_cls="apps.operations.planned:PlannedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def make_broker_folders(**kwargs):
    """The embedded broker is a folder of files, which whoever sends first has to find."""
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        for folder in settings.CELERY_BROKER_TRANSPORT_OPTIONS.values():
            Path(folder).mkdir(parents=True, exist_ok=True)
