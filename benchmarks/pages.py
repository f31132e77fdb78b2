"""The pages of the back office that are measured among very many records."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django.urls import reverse

from benchmarks.many_records import COMMON, RARE
from declarations.choices import DeclarationState
from declarations.models import Declaration, DeclarationEvent, PaymentPeriod
from npq_portal.providers.models import LeadProvider
from outcomes.models import Outcome
from participants.models import Application, ApplicationEvent, Participant, ParticipantListing
from schedules.models import Cohort, Course, Schedule

Page = tuple[str, str, dict[str, str]]

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def pages() -> Iterator[Page]:
    """Yield the name, the path and the query of each page."""
    people = _url(Participant, "changelist")
    for name, question in _searches():
        yield f"find {name}", people, {"q": question}
    busy = _busy()
    for name, person in (("somebody", Participant.objects.all()[1000]), ("a busy life", busy)):
        yield f"page of {name}", _url(Participant, "change", person.pk), {}
    for row in (Application.objects.all()[0], Declaration.objects.all()[0]):
        yield f"page of {row}", _url(type(row), "change", row.pk), {}
    for model, filters in _filters().items():
        path = _url(model, "changelist")
        listed = str(model._meta.verbose_name_plural)  # noqa: SLF001 - documented for all
        # A page of its own keeps a search from leading to the only one whom it finds.
        for query in ({}, {"p": "100"}, {"q": COMMON}, {"q": RARE}, *filters):
            asked = ", ".join(f"{name} {value}" for name, value in query.items())
            yield f"list of {listed} {asked}", path, {"p": "1"} | query


def _searches() -> Iterator[tuple[str, str]]:
    declaration = Declaration.objects.filter(outcomes__isnull=False)[0]
    outcome = declaration.outcomes.all()[0]
    yield "a common last name", COMMON
    yield "a common first name", "john"
    yield "a common first and last name", f"{COMMON} john"
    yield "one letter", "s"
    yield "two letters of nobody", "z q"
    yield "two common beginnings of nobody", f"{COMMON} arar"
    yield "a rare name", RARE
    yield "a rare name's words without accents", "dalaigh featherstone"
    yield "an e-mail address", "Person4711@EXAMPLE.org"
    yield "an e-mail address's beginning", "person47"
    yield "a TRN", "1004711"
    yield "a TRN's beginning", "1004"
    yield "an unknown name", "xyzzy"
    yield "a participant's id", str(declaration.application.participant_id)
    yield "an application's id", str(declaration.application_id)
    yield "a declaration's id", str(declaration.pk)
    yield "an outcome's id", str(outcome.pk)
    yield "an unknown id", UNKNOWN


def _filters() -> dict[type[Model], list[dict[str, str]]]:
    provider = str(LeadProvider.objects.all()[7].pk)
    course = str(Course.objects.all()[0].pk)
    schedule = str(Schedule.objects.filter(applications__isnull=False)[0].pk)
    cohorts = [str(it.pk) for it in Cohort.objects.all()]
    periods = [str(it.pk) for it in PaymentPeriod.objects.order_by("deadline_date")[::10]]
    return {
        Participant: [
            {"lead_provider": provider},
            {"lead_provider": provider, "course": course, "cohort": cohorts[0]},
            {"schedule": schedule},
            {"status": "pending"},
            {"training_status": "withdrawn"},
            *_each("cohort", cohorts),
        ],
        Application: [
            {"lead_provider__id__exact": provider},
            {"lead_provider__id__exact": provider, "course__id__exact": course},
            {"schedule__id__exact": schedule},
            {"status__exact": "pending"},
            {"training_status__exact": "deferred"},
            {"eligible_for_funding__exact": "0"},
            *_each("cohort__id__exact", cohorts),
        ],
        Declaration: [
            {"lead_provider__id__exact": provider},
            {"lead_provider__id__exact": provider, "state__exact": "voided"},
            {"application__course__id__exact": course},
            {"application__schedule__id__exact": schedule},
            {"application__cohort__id__exact": cohorts[0], "state__exact": "eligible"},
            {"declaration_type__exact": "completed"},
            {"q": UNKNOWN},
            *_each("application__cohort__id__exact", cohorts),
            *_each("state__exact", list(DeclarationState.values)),
            *_each("statement__period__id__exact", periods),
        ],
        Outcome: [
            {"declaration__lead_provider__id__exact": provider},
            {"declaration__application__course__id__exact": course},
            *_each("declaration__application__cohort__id__exact", cohorts),
            *_each("state__exact", ["failed", "voided"]),
        ],
        ApplicationEvent: [
            {"application__lead_provider__id__exact": provider},
            *_each("kind__exact", ["rejected", "withdrawn"]),
        ],
        DeclarationEvent: [
            {"declaration__lead_provider__id__exact": provider},
            *_each("to_state__exact", ["voided", "clawed-back"]),
        ],
        ParticipantListing: [{"lead_provider__id__exact": provider}],
    }


def _each(name: str, values: list[str]) -> Iterator[dict[str, str]]:
    return ({name: value} for value in values)


def _busy() -> Participant:
    enrolments = Application.objects.accepted().order_by("created_at")
    return enrolments.select_related("participant")[0].participant


def _url(model: type[Model], page: str, *arguments: Any) -> str:
    options = model._meta  # noqa: SLF001 - documented for all
    return reverse(f"admin:{options.app_label}_{options.model_name}_{page}", args=arguments)
