"""The way through single sign-on, where it is configured (rules 13.3)."""

from django.conf import settings
from django.urls import path
from mozilla_django_oidc.views import OIDCAuthenticationRequestView

from npq_portal.staff.single_sign_on import CallbackView, SignOutView

urlpatterns = [
    path("", OIDCAuthenticationRequestView.as_view(), name="oidc_authentication_init"),
    path("callback/", CallbackView.as_view(), name="oidc_authentication_callback"),
]
if settings.OIDC_OP_LOGOUT_ENDPOINT:
    urlpatterns.append(path("log-out/", SignOutView.as_view(), name="single_sign_out"))
