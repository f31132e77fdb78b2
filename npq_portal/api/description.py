"""The description of the API, as a document and as a page (rules 3.1)."""

from typing import Any

from django.http import JsonResponse
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.views import APIView


class ErrorsInJson(APIView):
    """Answers errors in JSON, whatever the description itself comes in (rules 3.10)."""

    # Of the description: it comes as YAML and as a page, not in the records' media types.
    content_negotiation_class = DefaultContentNegotiation

    def handle_exception(self, exc: Exception) -> Any:
        """Answer ``exc`` as the rest of the API does."""
        answer = super().handle_exception(exc)
        headers = {name: value for name, value in answer.items() if name != "Content-Type"}
        return JsonResponse(answer.data, status=answer.status_code, headers=headers)


class DescriptionView(ErrorsInJson, SpectacularAPIView):
    """The OpenAPI document."""


class DescriptionPage(ErrorsInJson, SpectacularSwaggerSplitView):
    """The page that shows it."""

    url_name = "schema"
    template_name = "api_description.html"
