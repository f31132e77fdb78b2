"""Who may call the API: whoever holds a token (rules 3.2)."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from npq_portal.providers.models import ApiToken

if TYPE_CHECKING:  # REST framework's views import this module
    from rest_framework.views import APIView


class HasToken(BasePermission):
    """Deny unless the request carries a token."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return isinstance(request.auth, ApiToken)
