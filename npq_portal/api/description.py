"""The description of the API, as a document and as a page (rules 3.1)."""

from functools import cache
from typing import Any

from django.http import HttpResponse, JsonResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
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


@cache
def document(media_type: str) -> str | bytes:
    """Return the OpenAPI document in one of the media types that the view offers.

    It is the same for everybody until the code changes, and takes a second or two to make: so it is
    made once for each process and kind.
    """
    renderer = next(it for it in DescriptionView.renderer_classes if it.media_type == media_type)
    return renderer().render(SchemaGenerator().get_schema(public=True))


class DescriptionView(ErrorsInJson, SpectacularAPIView):
    """The OpenAPI document."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *_arguments: Any, **_more: Any) -> HttpResponse:
        """Answer in YAML or in JSON, as was asked for; nothing else in a request matters."""
        renderer = request.accepted_renderer
        return HttpResponse(
            document(renderer.media_type),
            content_type=f"{renderer.media_type}; charset={renderer.charset or 'utf-8'}",
            headers={"Content-Disposition": f'inline; filename="NPQ Portal.{renderer.format}"'},
        )


class DescriptionPage(ErrorsInJson, SpectacularSwaggerSplitView):
    """The page that shows it."""

    url_name = "schema"
    template_name = "api_description.html"
