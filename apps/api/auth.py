from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import tokens
from apps.api.models import ApiSession
from apps.api.serializers import EmailField, ErrorOutput, Input, Output, Secret, read_body

NO_STORE = {"Cache-Control": "no-store"}


class LoginInput(Input):
    email = EmailField(max_length=254)
    password = Secret(max_length=128)
    code = Secret(max_length=20, required=False, allow_blank=True)


class RefreshInput(Input):
    refresh_token = Secret(max_length=2000)


class TokensOutput(Output):
    token = serializers.CharField(source="access")
    refresh_token = serializers.CharField(source="refresh")
    expires_at = serializers.DateTimeField()


class Login(APIView):
    # A browser's session or an old token is ignored here.
    authentication_classes: list[Any] = []

    @extend_schema(request=LoginInput, responses={200: TokensOutput, 403: ErrorOutput}, operation_id="login")
    def post(self, request: Any) -> Response:
        """A token good for 24 hours (JWT, HS256; claims email, role, iat, exp) and one to refresh it with, good once.

        An account with a second factor also sends its `code`.
        """
        given = read_body(LoginInput, request)
        issued = tokens.log_in(
            request=request,
            email=given["email"],
            password=given["password"],
            code=given.get("code", ""),
            now=timezone.now(),
        )
        return Response(TokensOutput(issued).data, headers=NO_STORE)


class Refresh(APIView):
    authentication_classes: list[Any] = []

    @extend_schema(request=RefreshInput, responses=TokensOutput, operation_id="refresh")
    def post(self, request: Any) -> Response:
        """New tokens. A refresh token that comes back a second time ends its session."""
        given = read_body(RefreshInput, request)
        issued = tokens.refresh(token=given["refresh_token"], now=timezone.now())
        return Response(TokensOutput(issued).data, headers=NO_STORE)


class Logout(APIView):
    @extend_schema(request=None, responses={204: None}, operation_id="logout")
    def post(self, request: Any) -> Response:
        """The tokens of this login are refused from now on."""
        if not isinstance(request.auth, ApiSession):
            raise NotAuthenticated
        tokens.log_out(session=request.auth, now=timezone.now())
        return Response(status=204)
