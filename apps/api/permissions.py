from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission

from apps.api.models import ApiKey, Scope


class Anyone(BasePermission):
    """Anonymous clients too."""


class HandlesProspects(BasePermission):
    """Staff with Django's permissions on prospects, or a server whose key has the scope."""

    def has_permission(self, request: Any, view: Any) -> bool:
        reads = request.method in SAFE_METHODS
        if isinstance(request.auth, ApiKey):
            return has_scope(request, Scope.PROSPECTS_READ if reads else Scope.PROSPECTS_WRITE)
        verb = "view" if reads else "delete" if request.method == "DELETE" else "change"
        return bool(request.user.is_staff and request.user.has_perm(f"prospects.{verb}_prospect"))


def has_scope(request: Any, scope: Scope) -> bool:
    return isinstance(request.auth, ApiKey) and scope in request.auth.scopes
