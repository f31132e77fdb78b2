from datetime import UTC, datetime

from factory import declarations
from factory.django import DjangoModelFactory

from npq_portal.providers.models import ApiToken, LeadProvider

LONG_AGO = datetime(2021, 10, 1, 12, tzinfo=UTC)


class LeadProviderFactory(DjangoModelFactory):
    class Meta:
        model = LeadProvider

    name = declarations.Sequence(lambda n: f"Provider {n}")
    created_at = LONG_AGO


class ApiTokenFactory(DjangoModelFactory):
    class Meta:
        model = ApiToken

    lead_provider = declarations.SubFactory(LeadProviderFactory)
    secret_hash = declarations.Sequence(lambda n: ApiToken.hash_of(f"secret {n}"))
    created_at = LONG_AGO
