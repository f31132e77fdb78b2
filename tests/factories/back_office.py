from factory import declarations
from factory.django import DjangoModelFactory

from npq_portal.back_office.models import ProviderRequest
from tests.factories.providers import LONG_AGO, ApiTokenFactory


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
