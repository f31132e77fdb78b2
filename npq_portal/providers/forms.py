"""What staff fill in about lead providers and their tokens."""

from typing import Any

from django import forms

from npq_portal.identifiers import new_id
from npq_portal.providers.models import LeadProvider
from npq_portal.providers.services import LONGEST_OVERLAP_DAYS, OVERLAP_DAYS


class LeadProviderForm(forms.Form):
    """A new lead provider."""

    name = forms.CharField(max_length=200)
    ukprn = forms.CharField(
        label="UKPRN", required=False, empty_value=None, help_text="Eight digits, if known."
    )


class MakesToken(forms.Form):
    """A form that makes a token, under the id that it carries: sent twice, it makes one."""

    new_token_id = forms.UUIDField(initial=new_id, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any] | None:
        """Say aloud what is wrong with a field that nobody sees."""
        if "new_token_id" in self.errors:
            self.add_error(
                None,
                "This form was sent without a part that belongs to it. Open the page again and fill"
                " it in there.",
            )
        return super().clean()


class ApiTokenForm(MakesToken):
    """A new token."""

    lead_provider = forms.ModelChoiceField(LeadProvider.objects.all())
    description = forms.CharField(
        max_length=200, required=False, help_text="What it is for, such as the calling system."
    )
    read_only = forms.BooleanField(
        required=False, help_text="It reads everything of the provider's, and changes nothing."
    )
    expires_on = forms.DateField(
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="The last day on which it works. Without one it works until it is revoked.",
    )


class RotationForm(MakesToken):
    """How a token is rotated."""

    overlap_days = forms.IntegerField(
        initial=OVERLAP_DAYS,
        min_value=0,
        max_value=LONGEST_OVERLAP_DAYS,
        help_text=(
            "For how many days after today the old token works on, so that the provider can change"
            " over. A last day that it has already is kept where it comes first."
        ),
    )
    reason = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the token's history.",
    )


class RevocationForm(forms.Form):
    """Why a token is revoked."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=(
            "Kept in the token's history. From now on the provider's calls with this token are"
            " refused; this cannot be undone."
        ),
    )
