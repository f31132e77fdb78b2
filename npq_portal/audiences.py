"""Who is answered: people by pages, programs in JSON (rules 3.10, 13.10)."""

from django.http import HttpRequest

FOR_PEOPLE = ("/admin/", "/single-sign-on/")


def is_for_people(request: HttpRequest) -> bool:
    """Say whether a refusal of ``request`` is a page, wherever it is met."""
    return request.path.startswith(FOR_PEOPLE)
