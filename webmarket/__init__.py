from apps.common.absent import absent

with absent("rich"):
    from webmarket.celery import app as celery_app

__all__ = ["celery_app"]
