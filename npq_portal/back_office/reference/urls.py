"""Where the pages of reference data are found."""

from django.contrib import admin
from django.urls import path

from npq_portal.back_office.reference.pages import edit_view

urlpatterns = [
    path("<slug:slug>/", admin.site.admin_view(edit_view), name="reference_add"),
    path("<slug:slug>/<int:pk>/", admin.site.admin_view(edit_view), name="reference_edit"),
]
