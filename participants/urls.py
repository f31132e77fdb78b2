"""The paths of participants and applications."""

from django.urls import path

from npq_portal.api.routing import OptionalSlashRouter
from participants.views import ApplicationViewSet, ParticipantViewSet

router = OptionalSlashRouter()
router.register("participants/npq", ParticipantViewSet, basename="participant")
router.register("npq-applications", ApplicationViewSet, basename="application")

urlpatterns = [
    path(
        "npq-applications.csv", ApplicationViewSet.as_view({"get": "csv"}, basename="application")
    ),
    *router.urls,
]
