"""What staff fill in about themselves and each other (rules 13.1 and 13.2)."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.widgets import AdminEmailInputWidget
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm, UsernameField
from django.contrib.auth.models import User

from npq_portal.admin import tell_refused
from npq_portal.errors import Refused
from npq_portal.staff.members import check_change, fingerprint_of


class LogInForm(AdminAuthenticationForm):
    """A log-in. A name longer than any there is goes no further: failures are stored under it."""

    username = UsernameField(max_length=150, widget=forms.TextInput(attrs={"autofocus": True}))


class WithEmail(forms.ModelForm):
    """Asks for an e-mail address of their own: single sign-on finds people by it (rules 13.3)."""

    email = forms.EmailField(label="E-mail address", widget=AdminEmailInputWidget)

    def clean_email(self) -> str:
        """Refuse an address that another account has, in whichever case."""
        email: str = self.cleaned_data["email"]
        others = User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError("Another member of staff has this e-mail address.")
        return email


class NewMemberForm(WithEmail, AdminUserCreationForm):
    """A new member of staff, with a password or without one where single sign-on lets them in."""

    usable_password = AdminUserCreationForm.create_usable_password_field(
        "Without a password they can log in through single sign-on only, with their e-mail address."
    )


class FingerprintField(forms.CharField):
    """The fingerprint of what a form showed, which is no value that anybody changes."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class MemberForm(WithEmail, UserChangeForm):
    """A member of staff, as they were when the page was opened."""

    seen = FingerprintField(required=False, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = fingerprint_of(self.instance)

    def clean(self) -> dict[str, Any]:
        """Refuse to write over what a colleague changed, and to leave no administrator."""
        super().clean()
        values = self.cleaned_data
        if self.errors:
            return values
        try:
            check_change(
                self.instance,
                seen=values["seen"],
                is_active=values["is_active"],
                roles=[group.name for group in values["groups"]],
            )
        except Refused as refused:
            tell_refused(self, refused)
        return values
