"""The project's settings in an environment of the tests' own: no .env changes what they show."""

import os

os.environ.update(
    SECRET_KEY="known-to-everybody-and-good-for-nothing-but-tests-and-checks",
    DEBUG="false",
    ALLOW_HTTP="true",
    BEHIND_PROXY="false",
    LOG_LEVEL="INFO",
)
# The shell may name another database; an .env, read after this, may not.
os.environ.setdefault("DATABASE_URL", "sqlite:///db.sqlite3")

from npq_portal.settings import *  # noqa: F403

# A slow hash is the point of the others, and would be most of the time of a log-in here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Static files come from where they lie: nothing has been collected.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
