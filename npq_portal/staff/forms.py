"""What staff fill in about themselves and each other (rules 13.1 and 13.2)."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.widgets import AdminEmailInputWidget
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm, UsernameField

from npq_portal.admin import tell_refused
from npq_portal.errors import Refused
from npq_portal.staff.members import (
    check_address,
    check_change,
    fingerprint_of,
    lock_and_read,
    lock_staff,
)


class LogInForm(AdminAuthenticationForm):
    """A log-in. A name longer than any there is goes no further: failures are stored under it."""

    username = UsernameField(max_length=150, widget=forms.TextInput(attrs={"autofocus": True}))


class WithEmail(forms.ModelForm):
    """Asks for an e-mail address of their own: single sign-on finds people by it (rules 13.3)."""

    email = forms.EmailField(label="E-mail address", widget=AdminEmailInputWidget)

    def clean(self) -> dict[str, Any]:
        """Lock the staff, and refuse an address that another account has."""
        super().clean()
        lock_staff()
        if "email" in self.cleaned_data:
            try:
                check_address(self.cleaned_data["email"], of=self.instance)
            except Refused as refused:
                tell_refused(self, refused)
        return self.cleaned_data


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

    seen = FingerprintField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = fingerprint_of(self.instance)

    def clean(self) -> dict[str, Any]:
        """Refuse to write over what a colleague changed, and to leave no administrator."""
        values = super().clean()
        lock_and_read(self.instance)
        del values["password"]  # as it was before the lock, and would be saved
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
