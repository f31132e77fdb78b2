"""What is larger than any form is refused unread, from whoever it comes (rules 12.4)."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from npq_portal.api.chunked_bodies import ChunkedBodies
from npq_portal.back_office.correction_files.reading import LARGEST_FILE
from tests.admin.test_error_pages import is_page

MULTIPART = "multipart/form-data; boundary=x"
UPLOAD = "/admin/back_office/correctionfile/add/"


class Unread:
    """A body that nobody may read."""

    def read(self, *_arguments):
        raise AssertionError("The body was read.")

    readline = readlines = __iter__ = read


@pytest.fixture
def send():
    """Return a function that sends a form of so many bytes, from somebody who is not logged in."""
    client = Client(enforce_csrf_checks=True)

    def request(path, length, content_type=MULTIPART):
        sent: Any = {"CONTENT_LENGTH": str(length), "wsgi.input": Unread()}
        return client.generic("POST", path, content_type=content_type, **sent)

    return request


@pytest.mark.parametrize("path", ["/admin/login/", UPLOAD, "/admin/nowhere", "/single-sign-on/x"])
@pytest.mark.parametrize("content_type", [MULTIPART, "application/x-www-form-urlencoded"])
def test_people_get_a_page_that_says_so(send, settings, path, content_type):
    answer = send(path, settings.LARGEST_FORM + 1, content_type)
    assert is_page(answer, 413, "This is too large")


@pytest.mark.parametrize("path", ["/nowhere", "/health/live", "/metrics", "/api/schema/"])
def test_programs_are_told_in_json(send, settings, path):
    answer = send(path, settings.LARGEST_FORM + 1)
    assert answer.status_code == 413
    assert answer.json() == {"error": "Send a body of at most 2,000,000 bytes."}


@pytest.mark.django_db
def test_a_form_without_a_length_is_read_no_further_than_it_takes(settings):
    client: Any = Client(enforce_csrf_checks=True)
    answer = client.handler
    reading = ChunkedBodies(lambda environ, _start: answer(environ))
    client.handler = lambda environ: reading(environ, lambda *_: print)
    for length, status in ((settings.LARGEST_FORM, 403), (settings.LARGEST_FORM * 2, 413)):
        body = BytesIO(b"a" * length)
        sent: Any = {"CONTENT_LENGTH": "", "wsgi.input": body, "wsgi.input_terminated": True}
        form = "application/x-www-form-urlencoded"
        assert client.post("/admin/login/", content_type=form, **sent).status_code == status
        assert body.tell() <= settings.LARGEST_FORM + 1


@pytest.mark.django_db
def test_the_largest_file_that_is_taken_fits_and_is_not_written_to_the_disk(settings):
    assert LARGEST_FILE + 100_000 < settings.LARGEST_FORM
    assert settings.LARGEST_FORM <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE
