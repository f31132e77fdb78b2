from django.contrib.auth import get_user_model
from factory import declarations
from factory.django import DjangoModelFactory

from npq_portal.back_office.models import (
    Correction,
    CorrectionFile,
    CorrectionFileRow,
    ProviderRequest,
)
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


class CorrectionFileFactory(DjangoModelFactory):
    """A file that was carried out."""

    class Meta:
        model = CorrectionFile

    name = "corrections.csv"
    kind = "change-funding"
    reason = "The provider rang."
    is_all_or_nothing = False
    state = CorrectionFile.State.DONE
    uploaded_at = confirmed_at = LONG_AGO
    uploaded_by = declarations.SubFactory(StaffFactory)
    confirmed_by = declarations.SelfAttribute("uploaded_by")


class CorrectionFileRowFactory(DjangoModelFactory):
    """The row of a correction that is given."""

    class Meta:
        model = CorrectionFileRow

    file = declarations.SubFactory(CorrectionFileFactory)
    number = 2
    record_id = declarations.SelfAttribute("correction.record_id")
    values = declarations.Dict({"eligible_for_funding": "false"})
    state = CorrectionFileRow.State.DONE
    fingerprint = "0" * 64


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
