"""Where everything is found."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation

from npq_portal import error_pages, health
from npq_portal.api import exceptions
from npq_portal.back_office.metrics import metrics

# The description comes as YAML and as a page; the records' media types are not its own.
DESCRIPTION = {"content_negotiation_class": DefaultContentNegotiation}

urlpatterns = [
    path("admin/reference/", include("npq_portal.back_office.reference.urls")),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(**DESCRIPTION), name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="schema", template_name="api_description.html", **DESCRIPTION
        ),
        name="docs",
    ),
    path("api/v1/", include("outcomes.urls")),
    path("api/v1/", include("declarations.urls")),
    path("api/v1/", include("participants.urls")),
    # With DEBUG, Django would show its own page for what is not found.
    re_path("^api/", exceptions.unknown_path),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics),
]
if settings.OIDC_RP_CLIENT_ID:
    urlpatterns.append(path("single-sign-on/", include("npq_portal.staff.urls")))

handler400 = error_pages.bad_request
handler404 = error_pages.not_found
handler500 = error_pages.server_error
