from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from rest_framework import serializers

from npq_portal.api import inputs


class Everything(serializers.Serializer):
    text = inputs.TextField()
    identifier = inputs.IdentifierField()
    instant = inputs.InstantField()
    day = inputs.DayField()
    yes = inputs.YesNoField()
    year = inputs.StartYearField(required=False)


GOOD = {
    "text": "npq-headship",
    "identifier": "0190B3A2-5F1E-7C3D-8A4B-1C2D3E4F5A6B",
    "instant": "2021-11-01T10:00:00.9+01:00",
    "day": "2022-06-30",
    "yes": "true",
    "year": 2021,
}


def test_values_are_read_as_what_they_mean():
    values, refusals = inputs.read_attributes(Everything, {**GOOD, "unknown": "ignored"})
    assert list(refusals) == []
    assert values == {
        "text": "npq-headship",
        "identifier": UUID("0190b3a2-5f1e-7c3d-8a4b-1c2d3e4f5a6b"),
        "instant": datetime(2021, 11, 1, 9, tzinfo=UTC),
        "day": date(2022, 6, 30),
        "yes": True,
        "year": 2021,
    }


def test_all_that_is_missing_is_said_at_once_but_for_what_may_be_left_out():
    values, refusals = inputs.read_attributes(Everything, {"text": None})
    assert {it.attribute: it.code.value for it in refusals} == {
        "text": "missing",
        "identifier": "missing",
        "instant": "missing",
        "day": "missing",
        "yes": "missing",
    }
    assert set(values.values()) == {None}


MALFORMED: dict[str, list[object]] = {
    "text": ["", "a\x00b", "\ud800", "a" * 201, 1, True, ["a"], {}],
    "identifier": ["", "x", "0" * 32, "{" + "0" * 34 + "}", 1, 1e300, []],
    "instant": ["", "2021-11-01", "0001-01-01T00:00:00+19:00", 1, {}],
    "day": ["", "2022-02-29", 20220228, []],
    "yes": ["", "True", "yes", "1", 0, 1, [], {}],
    "year": ["", "21", "20211", "٢٠٢١", 2021.0, True, 10**400, []],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in MALFORMED for value in MALFORMED[name]]
)
def test_a_malformed_value_is_refused_by_name_and_does_not_hide_the_others(name, value):
    values, refusals = inputs.read_attributes(Everything, {**GOOD, name: value})
    assert [(it.attribute, it.code.value) for it in refusals] == [(name, "invalid")]
    assert {it for it in values if values[it] is None} == {name}
