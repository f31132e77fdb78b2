"""Where everything is found."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from npq_portal import error_pages, health
from npq_portal.api import exceptions
from npq_portal.api.description import DescriptionPage, DescriptionView
from npq_portal.back_office.metrics import metrics
from npq_portal.staff.passwords import change_own_password

urlpatterns = [
    path("admin/reference/", include("npq_portal.back_office.reference.urls")),
    # Django leads from here to records' pages on the site itself, of which there are none.
    path("admin/r/<path:url>", admin.site.admin_view(admin.site.catch_all_view)),
    # The admin's own view takes no other form.
    path("admin/password_change/", admin.site.admin_view(change_own_password)),
    path("admin/", admin.site.urls),
    path("api/schema/", DescriptionView.as_view(), name="schema"),
    path("api/docs/", DescriptionPage.as_view(), name="docs"),
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
