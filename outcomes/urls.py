"""The paths of outcomes; the guidance also spells the first word ``participant``."""

from django.urls import URLPattern, re_path

from outcomes.views import OutcomeViewSet, ParticipantOutcomeViewSet


def outcome_paths(word: str, prefix: str) -> list[URLPattern]:
    """Return the paths below ``word``; ``prefix`` tells their operations from the others'."""
    return [
        re_path(
            rf"^{word}/npq/outcomes/?$",
            OutcomeViewSet.as_view({"get": "list"}, basename=f"{prefix}outcome"),
        ),
        re_path(
            rf"^{word}/npq/(?P<participant_id>[^/]+)/outcomes/?$",
            ParticipantOutcomeViewSet.as_view(
                {"get": "list", "post": "create"}, basename=f"{prefix}participant_outcome"
            ),
        ),
    ]


urlpatterns = [*outcome_paths("participants", ""), *outcome_paths("participant", "singular_")]
