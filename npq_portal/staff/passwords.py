"""How staff set passwords (rules 13.1)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm as OwnPasswordChangeForm
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse


class PasswordAlone(forms.Form):
    """Saves the password and nothing else, which a colleague may be changing."""

    def set_password_and_save(
        self, user: User, *args: Any, commit: bool = True, **kwargs: Any
    ) -> User:
        """Give ``user`` the password that was filled in, and save it."""
        super().set_password_and_save(user, *args, commit=False, **kwargs)  # type: ignore[misc] # a form's that follows
        if commit:
            user.save(update_fields=["password"])
        return user


class OwnPasswordForm(PasswordAlone, OwnPasswordChangeForm):
    """One's own password, which has to become another."""

    def clean(self) -> dict[str, Any]:
        """Refuse the password that one has."""
        super().clean()
        values = self.cleaned_data
        new = values.get("new_password1")
        if new is not None and new == values.get("old_password"):
            self.add_error("new_password1", "This is the password that you have. Choose another.")
        return values


class MemberPasswordForm(PasswordAlone, AdminPasswordChangeForm):
    """Somebody else's password, or that they have none."""


def change_own_password(request: HttpRequest) -> HttpResponseBase:
    """Show the form for one's own password, and set it."""
    view = PasswordChangeView.as_view(
        form_class=OwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    return view(request)
