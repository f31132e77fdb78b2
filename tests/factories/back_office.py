from django.contrib.auth import get_user_model
from factory import declarations
from factory.django import DjangoModelFactory

from npq_portal.back_office.models import Correction, ProviderRequest
from tests.factories.providers import LONG_AGO, ApiTokenFactory


class StaffFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()

    username = declarations.Sequence(lambda n: f"casey{n}")
    is_staff = True


class CorrectionFactory(DjangoModelFactory):
    """A change of funding, made with a reason; participant and record are to be given."""

    class Meta:
        model = Correction

    kind = "change-funding"
    at = LONG_AGO
    staff = declarations.SubFactory(StaffFactory)
    reason = "The provider rang."


class ProviderRequestFactory(DjangoModelFactory):
    """A declaration that was refused."""

    class Meta:
        model = ProviderRequest

    at = LONG_AGO
    token = declarations.SubFactory(ApiTokenFactory)
    lead_provider = declarations.SelfAttribute("token.lead_provider")
    method = "POST"
    path = "/api/v1/participant-declarations"
    status = 422
    request_id = declarations.Sequence(lambda n: f"request-{n}")
