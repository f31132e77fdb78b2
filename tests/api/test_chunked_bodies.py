"""Bodies sent in pieces are read as others are (rules 3.3)."""

from io import BytesIO

import pytest

from npq_portal.api.chunked_bodies import MAX_BYTES, ChunkedBodies
from npq_portal.api.media_types import ReadableContentType
from npq_portal.api.unread_bodies import UnreadBodies
from npq_portal.back_office.models import ProviderRequest
from npq_portal.wsgi import application as served
from tests.api.conftest import V1


@pytest.fixture
def send(client, provider):
    """Return a function that sends a body of unknown length as gunicorn passes it on."""
    answer = client.handler
    reading = ChunkedBodies(lambda environ, _start: answer(environ))
    client.handler = lambda environ: reading(environ, lambda *_: print)

    def request(body):
        return client.generic(
            "POST",
            f"{V1}/participant-declarations",
            body,
            content_type="application/json",
            headers={"authorization": f"Bearer {provider[1]}"},
            **{"CONTENT_LENGTH": "", "wsgi.input": BytesIO(body), "wsgi.input_terminated": True},
        )

    return request


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"data": {"attributes": {}}}', 422),
        (b"{", 400),
        (b" " * (MAX_BYTES + 1), 413),
    ],
)
def test_a_body_without_a_length_is_read_to_its_end(send, body, status):
    assert send(body).status_code == status
    assert ProviderRequest.objects.get().body == body[:10_000].decode()


def test_what_is_served_reads_them():
    assert isinstance(served, UnreadBodies)
    assert isinstance(served.application, ReadableContentType)
    assert isinstance(served.application.application, ChunkedBodies)
