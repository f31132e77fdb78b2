"""The admin of files of corrections, with the pages on which they are made (rules 14.16)."""

from django.contrib import admin

from npq_portal.back_office.correction_files.pages import CorrectionFileAdmin
from npq_portal.back_office.models import CorrectionFile

admin.site.register(CorrectionFile, CorrectionFileAdmin)
