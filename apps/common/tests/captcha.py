from datetime import datetime

from apps.common.captcha import CaptchaUnavailable, Verdict


class Scripted:
    """A provider for tests: `test-yes-…` succeeds, `test-no-…` fails, `test-down-…` raises CaptchaUnavailable."""

    def recognises(self, token: str) -> bool:
        return token.startswith("test-")

    def verify(self, *, token: str, ip: str, now: datetime) -> Verdict:
        if token.startswith("test-down-"):
            raise CaptchaUnavailable
        return Verdict(token.startswith("test-yes-"), score=0.9)
