"""Google reCAPTCHA v2 and v3 (https://developers.google.com/recaptcha/docs/verify). Loaded after consent only."""

from datetime import datetime

from django.conf import settings

from apps.common.captcha import CaptchaUnavailable, Verdict

VERIFY_URL = "https://www.google.com/recaptcha/api/siteverify"
TIMEOUT_SECONDS = 3.0
# v3 only: a lower score means a machine.
LEAST_SCORE = 0.5


class Recaptcha:
    def recognises(self, token: str) -> bool:
        return bool(settings.RECAPTCHA_SECRET) and len(token) >= 20

    def verify(self, *, token: str, ip: str, now: datetime) -> Verdict:
        # Only shops that use it load it.
        import httpx

        data = {"secret": settings.RECAPTCHA_SECRET, "response": token, "remoteip": ip}
        try:
            answer = httpx.post(VERIFY_URL, data=data, timeout=TIMEOUT_SECONDS)
            answer.raise_for_status()
            given = answer.json()
            success, score = given["success"] is True, given.get("score")
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CaptchaUnavailable from error
        if isinstance(score, int | float):
            return Verdict(success and score >= LEAST_SCORE, score=float(score))
        return Verdict(success)
