"""The forms that staff fill in."""

from django import forms


class SendAgainForm(forms.Form):
    """Why a notification is to be sent again, and what was known when that was decided."""

    reason = forms.CharField(
        label="Reason",
        help_text="Kept in the history, with your name.",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
    )
    attempts_seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
