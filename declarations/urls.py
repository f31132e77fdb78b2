"""The paths of declarations and statements."""

from django.urls import re_path

from declarations.views import DeclarationViewSet, StatementViewSet
from npq_portal.api.routing import OptionalSlashRouter

router = OptionalSlashRouter()
router.register("participant-declarations", DeclarationViewSet, basename="declaration")
router.register("statements", StatementViewSet, basename="statement")

urlpatterns = [
    re_path(
        r"^participant-declarations\.csv/?$",
        DeclarationViewSet.as_view({"get": "csv"}, basename="declaration"),
    ),
    *router.urls,
]
