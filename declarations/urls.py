"""The paths of declarations."""

from django.urls import re_path

from declarations.views import DeclarationViewSet
from npq_portal.api.routing import OptionalSlashRouter

router = OptionalSlashRouter()
router.register("participant-declarations", DeclarationViewSet, basename="declaration")

urlpatterns = [
    re_path(
        r"^participant-declarations\.csv/?$",
        DeclarationViewSet.as_view({"get": "csv"}, basename="declaration"),
    ),
    *router.urls,
]
