"""A content type that cannot be read is no failure of ours (rules 3.3)."""

import pytest

from npq_portal.api.media_types import ReadableContentType
from tests.api.conftest import V1


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset*=a'b'c", 415),
        ("text/plain", 415),
        ("application/json; charset=utf-8", 422),
    ],
)
def test_a_body_of_an_unreadable_type_is_refused_as_of_no_type(
    client, provider, content_type, status
):
    answer = client.handler
    readable = ReadableContentType(lambda environ, _start: answer(environ))
    client.handler = lambda environ: readable(environ, lambda *_: print)
    sent = client.generic(
        "POST",
        f"{V1}/participant-declarations",
        b'{"data": {"attributes": {}}}',
        content_type=content_type,
        headers={"authorization": f"Bearer {provider[1]}"},
    )
    assert sent.status_code == status
