"""The paths of participants and applications."""

from django.urls import re_path

from npq_portal.api.routing import OptionalSlashRouter
from participants.views import ApplicationViewSet, ParticipantViewSet

router = OptionalSlashRouter()
router.register("participants/npq", ParticipantViewSet, basename="participant")
router.register("npq-applications", ApplicationViewSet, basename="application")

urlpatterns = [
    re_path(
        r"^npq-applications\.csv/?$",
        ApplicationViewSet.as_view({"get": "csv"}, basename="application"),
    ),
    *router.urls,
]
