"""Timetable of tasks. These are initial values: what staff change in the admin is not overwritten."""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab

EVERY_MINUTE = timedelta(minutes=1)

SCHEDULE: dict[str, dict[str, Any]] = {
    # The shop.
    "apply-planned-prices": {"task": "catalogue.apply_planned_prices", "schedule": EVERY_MINUTE},
    "tell-of-refused-reductions": {"task": "backoffice.tell_of_refused_reductions", "schedule": EVERY_MINUTE},
    "draw-waiting-images": {"task": "catalogue.draw_waiting", "schedule": EVERY_MINUTE},
    "ask-again-for-images": {"task": "catalogue.ask_again_for_images", "schedule": crontab(hour=2, minute=20)},
    "fetch-wanted-images": {"task": "catalogue.fetch_wanted_images", "schedule": timedelta(hours=6)},
    "resume-imports": {"task": "imports.resume_imports", "schedule": EVERY_MINUTE},
    "resume-history-imports": {"task": "imports.resume_history", "schedule": EVERY_MINUTE},
    "tend-shop-exports": {"task": "imports.tend_exports", "schedule": timedelta(minutes=10)},
    "expire-unpaid-orders": {"task": "orders.expire_unpaid", "schedule": EVERY_MINUTE},
    "reconcile-payments": {"task": "payments.reconcile_payments", "schedule": EVERY_MINUTE},
    "read-provider-books": {"task": "payments.read_provider_books", "schedule": timedelta(hours=1)},
    "issue-documents": {"task": "invoicing.issue_missing", "schedule": EVERY_MINUTE},
    "send-pending-emails": {"task": "common.send_pending_emails", "schedule": EVERY_MINUTE},
    # Of the release before the outbox; removed together with its table.
    "index-orders": {"task": "orders.index_orders", "schedule": crontab(minute="*/10")},
    "send-owed-notifications": {"task": "orders.send_owed_notifications", "schedule": EVERY_MINUTE},
    "send-owed-prospect-letters": {"task": "prospects.send_owed_letters", "schedule": timedelta(minutes=10)},
    "renew-search": {"task": "catalogue.renew_search", "schedule": timedelta(minutes=10)},
    # Seven in the morning in summer, six in winter.
    "send-prospect-digests": {"task": "prospects.send_digests", "schedule": crontab(hour=5, minute=0)},
    # Eleven in the morning in summer, ten in winter: invitations are sent by day.
    "invite-reviews": {"task": "comments.invite_reviews", "schedule": crontab(hour=9, minute=0)},
    # Eight in the morning in summer, seven in winter: the team has the day to refund.
    "remind-of-withdrawals": {"task": "aftersales.remind_team", "schedule": crontab(hour=6, minute=0)},
    "roll-up-today": {"task": "backoffice.roll_up_today", "schedule": timedelta(minutes=10)},
    "forget-counts": {"task": "common.forget_counts", "schedule": timedelta(minutes=10)},
    # Nights: retention.
    "forget-visits": {"task": "accounts.forget_visits", "schedule": crontab(hour=2, minute=30)},
    "forget-answers": {"task": "api.forget_answers", "schedule": crontab(hour=2, minute=35)},
    "anonymise-withdrawals": {"task": "aftersales.anonymise_withdrawals", "schedule": crontab(hour=2, minute=38)},
    "purge-baskets": {"task": "basket.purge_baskets", "schedule": crontab(hour=2, minute=40)},
    "forget-refused-comments": {"task": "comments.forget_refused", "schedule": crontab(hour=2, minute=45)},
    "purge-deleted-prospects": {"task": "prospects.purge_deleted", "schedule": crontab(hour=2, minute=50)},
    "forget-unheard-of-prospects": {"task": "prospects.forget_the_unheard_of", "schedule": crontab(hour=2, minute=55)},
    "purge-import-journals": {"task": "imports.purge_journals", "schedule": crontab(hour=2, minute=57)},
    "purge-past-orders": {"task": "orders.purge_past_orders", "schedule": crontab(hour=2, minute=58)},
    "purge-history-imports": {"task": "imports.purge_history", "schedule": crontab(hour=2, minute=59)},
    "repair-search": {"task": "catalogue.repair_search", "schedule": crontab(hour=3, minute=0)},
    "roll-up-month": {"task": "backoffice.roll_up_month", "schedule": crontab(hour=3, minute=10)},
    "forget-due-jobs": {"task": "beat.forget", "schedule": crontab(hour=3, minute=20)},
    # Twenty past one in the morning in winter, past two in summer: the day before has ended.
    "close-documents": {"task": "invoicing.close_ended", "schedule": crontab(hour=0, minute=20)},
    # The machines.
    "heartbeat": {"task": "beat.heartbeat", "schedule": EVERY_MINUTE},
    "watch-jobs": {"task": "beat.watch_jobs", "schedule": timedelta(minutes=10)},
    "publish-metrics": {"task": "operations.publish_metrics", "schedule": timedelta(hours=1)},
    "keep-to-the-timetable": {
        "task": "operations.daily_scheduler",
        "schedule": timedelta(minutes=5),
        "kwargs": {"options": {"action": "apply"}},
    },
    "back-up": {
        "task": "operations.backup_manager",
        "schedule": crontab(hour=1, minute=0),
        "kwargs": {"options": {"logical": True, "media": True}},
    },
    "populate-datalake": {"task": "operations.populate_datalake", "schedule": crontab(hour=2, minute=10)},
    "clean-up": {
        "task": "operations.cleanup",
        "schedule": crontab(hour=3, minute=30),
        "kwargs": {"options": {"days": 30, "yes": True}},
    },
    "sweep-files": {"task": "operations.sweep_files", "schedule": crontab(hour=3, minute=40)},
    "reconcile-payouts": {"task": "operations.reconcile_payouts", "schedule": crontab(hour=5, minute=20)},
    "archive-invoices": {"task": "operations.archive_invoices", "schedule": crontab(hour=0, minute=50)},
    "verify-invoices": {"task": "operations.verify_invoices", "schedule": crontab(hour=3, minute=50)},
    # Monday morning, before people arrive.
    "audit-infra": {"task": "operations.audit_infra", "schedule": crontab(hour=4, minute=30, day_of_week="mon")},
    "check-restore": {"task": "operations.restore_check", "schedule": crontab(hour=4, minute=0, day_of_week="sun")},
}
