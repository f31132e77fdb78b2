"""The staff app."""

from django.apps import AppConfig, apps
from django.contrib import admin
from django.db.models.signals import post_migrate


class StaffConfig(AppConfig):
    """The department's people: their roles and their ways in."""

    name = "npq_portal.staff"
    label = "staff"
    verbose_name = "Staff"

    def ready(self) -> None:
        from npq_portal.staff.forms import LogInForm
        from npq_portal.staff.roles import keep_groups

        # Groups are auth's, and only an app with models is told of a migration.
        post_migrate.connect(
            keep_groups, sender=apps.get_app_config("auth"), dispatch_uid="staff.keep_groups"
        )
        admin.site.login_form = LogInForm
        admin.site.login_template = "staff/log_in.html"
        admin.site.logout_template = "staff/logged_out.html"
