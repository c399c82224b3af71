"""Captcha of forms, and the older order of calls: verify first, send the form within ten minutes."""

import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import client
from apps.api.errors import Refused
from apps.api.serializers import ErrorOutput, FormInput, Output, Secret, read_form
from apps.api.throttles import limit
from apps.common import captcha
from apps.common.captcha.altcha import new_challenge

GRACE = timedelta(minutes=10)


class Proof(Enum):
    PERSON = "person"
    NONE = "none"
    # Fail open: the provider is down.
    UNKNOWN = "unknown"


def check(request: Any, *, token: str, now: datetime, by: str = "") -> Proof:
    """Verify the token of a form, or use up an earlier verification.

    Raises Refused for a bad token. `by` is the request's hash: a repeat of the same request may use the same token
    again.
    """
    if not token:
        verification = cache.get(_grace(request))
        used = verification and captcha.use_up(f"grace {verification}", by=by, now=now)
        return Proof.PERSON if used else Proof.NONE
    try:
        verdict = captcha.verify(token=token, ip=client.ip(request), now=now, by=by)
    except captcha.CaptchaUnavailable:
        return Proof.UNKNOWN
    if not verdict.success:
        raise Refused(
            400,
            "captcha_refused",
            _("La vérification a échoué ou a déjà servi. Recommencez-la, puis envoyez de nouveau."),
        )
    return Proof.PERSON


def _grace(request: Any) -> str:
    return f"captcha-grace:{client.fingerprint(request)}"


class TokenInput(FormInput):
    token = Secret(max_length=captcha.MAX_TOKEN)


class VerdictOutput(Output):
    success = serializers.BooleanField()
    score = serializers.FloatField(required=False)


class ChallengeOutput(Output):
    algorithm = serializers.CharField()
    challenge = serializers.CharField()
    maxnumber = serializers.IntegerField()
    salt = serializers.CharField()
    signature = serializers.CharField()


class Challenge(APIView):
    @extend_schema(responses=ChallengeOutput, operation_id="captchaChallenge")
    def get(self, request: Any) -> Response:
        """A task for ALTCHA's widget, good for ten minutes."""
        challenge = asdict(new_challenge(now=timezone.now()))
        return Response(ChallengeOutput(challenge).data, headers={"Cache-Control": "no-store"})


class Verification(APIView):
    @extend_schema(request=TokenInput, responses={200: VerdictOutput, 503: ErrorOutput}, operation_id="verifyCaptcha")
    def post(self, request: Any) -> Response:
        """Judge a captcha token. Success lets the same client send one form without a token within ten minutes."""
        given, headers = read_form(TokenInput, request)
        prefix = client.ip_prefix(request)
        limit(action="api-verify", who=prefix, times=60, within=timedelta(minutes=10))
        try:
            verdict = captcha.verify(token=given["token"], ip=client.ip(request), now=timezone.now())
        except captcha.CaptchaUnavailable as error:
            raise Refused(
                503,
                "captcha_unavailable",
                _("La vérification ne répond pas. Envoyez votre formulaire : nous le prendrons quand même."),
            ) from error
        if verdict.success:
            cache.set(_grace(request), secrets.token_hex(16), timeout=GRACE.total_seconds())
        score = {} if verdict.score is None else {"score": verdict.score}
        return Response(VerdictOutput({"success": verdict.success, **score}).data, headers=headers)
