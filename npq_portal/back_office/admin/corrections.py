"""The admin of corrections, with the pages on which they are made (rules 14.13)."""

from django.contrib import admin

from npq_portal.back_office.corrections.pages import CorrectionAdmin
from npq_portal.back_office.models import Correction

admin.site.register(Correction, CorrectionAdmin)
