"""The WSGI application that a server such as gunicorn loads."""

import os

from django.core.wsgi import get_wsgi_application

from npq_portal.api.chunked_bodies import ChunkedBodies
from npq_portal.api.media_types import ReadableContentType
from npq_portal.api.unread_bodies import UnreadBodies
from npq_portal.environment import Environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "npq_portal.settings")
Environment.read()  # .env may say otherwise
os.environ.setdefault("LIMIT_REQUESTS", "true")

application = UnreadBodies(ReadableContentType(ChunkedBodies(get_wsgi_application())))
