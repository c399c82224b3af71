"""Django's database sessions; those of staff end 12 hours after login and after one hour idle.

Both times are stored in the session itself, without a further query or table. The time of the last request is written
once a minute at most, so that a session may end up to a minute early.
"""

import time
from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import db
from django.dispatch import receiver
from django.http import HttpRequest

SINCE, SEEN = "staff_since", "staff_seen"
IN_ALL, IDLE, GRAIN = timedelta(hours=12), timedelta(hours=1), timedelta(minutes=1)


class SessionStore(db.SessionStore):
    # The user whose session `load` has just ended.
    ended_user: str | None = None

    def load(self) -> dict[str, Any]:
        data: dict[str, Any] = super().load()
        since = data.get(SINCE)
        if since is None:
            return data
        now, seen = time.time(), data.get(SEEN, since)
        if now >= since + IN_ALL.total_seconds() or now >= seen + IDLE.total_seconds():
            self.ended_user = data.get(SESSION_KEY)
            self.delete(self.session_key)
            self._session_key = None
            return {}
        if now >= seen + GRAIN.total_seconds():
            data[SEEN] = now
            self.modified = True
        return data

    @classmethod
    def get_model_class(cls) -> Any:
        return db.SessionStore.get_model_class()


@receiver(user_logged_in)
def begin(request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    if request is None or not hasattr(request, "session"):
        return
    if user.is_staff or user.is_superuser:
        request.session[SINCE] = request.session[SEEN] = time.time()
    else:
        for name in (SINCE, SEEN):
            request.session.pop(name, None)
