"""The admin of what spans the apps."""

from npq_portal.back_office.admin import correction_files as correction_files
from npq_portal.back_office.admin import corrections as corrections
from npq_portal.back_office.admin import integrity as integrity
from npq_portal.back_office.admin import journal as journal
from npq_portal.back_office.admin import participants as participants
