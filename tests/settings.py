"""The project's settings in an environment of the tests' own.

No ``.env`` is read: it may ask for debugging, or hold the key of a service that sends real e-mail.
"""

import os
from unittest import mock

os.environ.update(
    SECRET_KEY="known-to-everybody-and-good-for-nothing-but-tests-and-checks",
    DEBUG="false",
    ALLOW_HTTP="true",
    NOTIFY_API_KEY="",
    API_RATE_LIMIT="0",
    API_ANONYMOUS_RATE_LIMIT="0",
)
with mock.patch("environ.Env.read_env"):
    from npq_portal.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]  # noqa: F405

# A slow hash is the point of the others, and would be most of the time of a log-in here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Static files come from where they lie: nothing has been collected.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
