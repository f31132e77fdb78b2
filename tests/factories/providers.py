from datetime import UTC, datetime

from factory import declarations
from factory.django import DjangoModelFactory

from npq_portal.providers.models import LeadProvider

LONG_AGO = datetime(2021, 10, 1, 12, tzinfo=UTC)


class LeadProviderFactory(DjangoModelFactory):
    class Meta:
        model = LeadProvider

    name = declarations.Sequence(lambda n: f"Provider {n}")
    created_at = LONG_AGO
