"""The admin of staff: whom there is, and which roles they have (rules 13.1)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest

from npq_portal.admin import ForgivingChangeList
from npq_portal.staff.forms import MemberForm, NewMemberForm
from npq_portal.staff.passwords import MemberPasswordForm
from npq_portal.staff.roles import ROLES

WHAT_ROLES_MAY = (
    "Every role reads the records. A caseworker also corrects them and edits reference data,"
    " finance authorises statements for payment, and an administrator manages staff, lead providers"
    " and API tokens. Who has several roles may do what any of them may."
)

admin.site.unregister(User)
admin.site.unregister(Group)  # roles are what the table says


class RoleFilter(RelatedFieldListFilter):
    """A filter by role, as groups are called here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "roles"


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Members of staff.

    Who may change them may give roles and nothing else: no permission by itself, and nobody is made
    a superuser here, or changed who is one.
    """

    actions = None
    form = MemberForm
    add_form = NewMemberForm
    change_password_form = MemberPasswordForm
    add_form_template = "staff/add_member.html"
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Access", {"fields": ("is_active", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "groups")}),
        ("Password", {"fields": ("usable_password", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    list_display = ("username", "name", "email", "roles", "last_login", "is_active")
    list_filter = (("groups", RoleFilter), "is_active")
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False

    @admin.display(description="name", empty_value="-")
    def name(self, member: User) -> str:
        return member.get_full_name()

    @admin.display(description="roles")
    def roles(self, member: User) -> str:
        return "superuser" if member.is_superuser else _names(member.groups.all())

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Let the form of who may change a member carry what it showed."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        (name, options), *others = fieldsets
        return [(name, {**options, "fields": (*options["fields"], "seen")}), *others]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ForgivingChangeList]:
        return ForgivingChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # histories name them; they are deactivated

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> forms.ModelMultipleChoiceField | None:
        if db_field.name == "groups":
            kwargs |= {
                "queryset": Group.objects.filter(name__in=ROLES),
                "widget": forms.CheckboxSelectMultiple,
                "label": "Roles",
                "help_text": WHAT_ROLES_MAY,
            }
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, dict[str, list[str]]]]:
        """Say what roles and activity became, where Django says only that they changed."""
        values = form.cleaned_data
        names = ["groups"] if add else form.changed_data
        fields = [_changed(name, values) for name in names if name in form.changed_data]
        message: list[dict[str, dict[str, list[str]]]] = [{"added": {}}] if add else []
        return [*message, {"changed": {"fields": fields}}] if fields else message


def _names(groups: Iterable[Group]) -> str:
    return ", ".join(sorted(group.name for group in groups))


def _changed(name: str, values: dict[str, Any]) -> str:
    if name == "groups":
        return f"roles to {_names(values[name]) or 'none'}"
    if name == "is_active":
        return f"active to {'yes' if values[name] else 'no'}"
    return name
