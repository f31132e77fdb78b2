"""The paths of outcomes; the guidance also spells the first word ``participant``."""

from django.urls import re_path

from outcomes.views import OutcomeViewSet, ParticipantOutcomeViewSet

urlpatterns = [
    re_path(r"^participants?/npq/outcomes/?$", OutcomeViewSet.as_view({"get": "list"})),
    re_path(
        r"^participants?/npq/(?P<participant_id>[^/]+)/outcomes/?$",
        ParticipantOutcomeViewSet.as_view({"get": "list", "post": "create"}),
    ),
]
