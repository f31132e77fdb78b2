from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.http import QueryDict

from npq_portal.api.csv_export import cell
from npq_portal.api.exceptions import BadBody, BadParameter
from npq_portal.api.filters import BracketFilterSet, InstantFilter, YearsFilter
from npq_portal.api.negotiation import preferred_type
from npq_portal.api.pagination import place_key, read_number, read_place
from npq_portal.api.parsers import parse_json
from npq_portal.providers.models import LeadProvider


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("*/*", "application/vnd.api+json"),
        ("", "application/vnd.api+json"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/json;q=0.5, application/vnd.api+json", "application/vnd.api+json"),
        ("application/json, application/vnd.api+json;q=0.5", "application/json"),
        ("text/html", None),
    ],
)
def test_accept(accept, wanted):
    assert preferred_type(accept) == wanted


@pytest.mark.parametrize("body", [b"", b"\xff", b"NaN", b"{", b"[" * 200_000])
def test_bodies_that_are_no_json(body):
    with pytest.raises(BadBody):
        parse_json(body)


def test_huge_integers_are_read():
    assert parse_json(b"9" * 5000) == float("inf")


def test_places_survive_the_trip():
    place = (datetime(2022, 1, 2, 3, 4, 5, 678, tzinfo=UTC), uuid4())
    assert read_place(place_key(place)) == place


@pytest.mark.parametrize("key", ["", "x", "é", "W10", "bnVsbA"])
def test_malformed_places(key):
    with pytest.raises(BadParameter):
        read_place(key)


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "²", "a"])
def test_malformed_numbers(text):
    with pytest.raises(BadParameter):
        read_number("page[page]", text)


def test_huge_numbers():
    assert read_number("page[page]", "9" * 5000) > 10**18


class Filters(BracketFilterSet):
    updated_since = InstantFilter("created_at")
    cohort = YearsFilter("created_at__year")


@pytest.mark.parametrize(
    "query",
    [
        "filter=1",
        "filter[x]=1",
        "filter[cohort]=",
        "filter[cohort]=21",
        "filter[updated_since]=",
        "filter[cohort=2021",
        "filter[]=1",
    ],
)
def test_wrong_filters(query):
    (fault,) = Filters(QueryDict(query), queryset=LeadProvider.objects.all()).faults()
    assert fault.parameter == query.partition("=")[0]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "filter[cohort]=2021,2022",
        "filter[updated_since]=2021-01-01T00%253A00%253A00Z",
        "filter[updated_since]=2021-01-01T00:00:00+01:00",
    ],
)
def test_right_filters(query):
    filters = Filters(QueryDict(query), queryset=LeadProvider.objects.all())
    assert filters.faults() == []
    assert filters.qs.query


def test_cells():
    assert [cell(each) for each in (None, True, "=1", "a")] == ["", "true", "'=1", "a"]
