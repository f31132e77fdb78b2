"""Moving an application to another provider, and who sees what then (rules 4.2 and 14.6)."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from declarations.models import Declaration
from npq_portal.errors import NotFound
from outcomes.services import record_outcome_for_provider
from participants.models import ParticipantListing
from participants.services.corrections import (
    change_funding,
    transfer_application,
)
from tests.factories.participants import ApplicationFactory
from tests.factories.providers import LeadProviderFactory
from tests.participants.corrections.conftest import (
    NOW,
    declare,
    newest,
    open_for,
    void,
)

OUTCOMES = "/participants/npq/outcomes"


@pytest.fixture
def transferred(correct, enrolment, other_provider):
    """Return an enrolment that has come to another provider, its declaration and its old one."""
    declaration = declare(enrolment, "completed")
    old = enrolment.lead_provider
    correct(transfer_application, application_id=enrolment.pk, lead_provider_id=other_provider.pk)
    enrolment.refresh_from_db()
    return enrolment, declaration, old


def test_after_a_transfer_the_new_provider_has_it_and_the_old_keeps_what_it_submitted(
    transferred, listed, api
):
    application, declaration, old = transferred
    new = application.lead_provider
    person = str(application.participant_id)
    assert newest(application).kind == "transferred"
    for path, id_ in (("/participants/npq", person), ("/npq-applications", str(application.pk))):
        assert (listed(old, path), listed(new, path)) == ([], [id_])
    for provider in (old, new):
        assert listed(provider, "/participant-declarations") == [str(declaration.pk)]
        assert len(listed(provider, OUTCOMES)) == 1
        assert len(listed(provider, f"/participants/npq/{person}/outcomes")) == 1
    started = {
        "participant_id": person,
        "declaration_type": "started",
        "declaration_date": "2021-12-05T09:00:00Z",
        "course_identifier": "npq-headship",
    }
    outcome = {
        "course_identifier": "npq-headship",
        "state": "failed",
        "completion_date": "2021-12-05",
    }
    assert api(old, "POST", "/participant-declarations", started).status_code == 422
    assert api(new, "POST", "/participant-declarations", started).status_code == 200
    assert api(old, "POST", f"/participants/npq/{person}/outcomes", outcome).status_code == 404
    assert api(new, "POST", f"/participants/npq/{person}/outcomes", outcome).status_code == 200
    void_it = f"/participant-declarations/{declaration.pk}/void"
    refusal = api(new, "PUT", void_it)
    assert refusal.json()["errors"][0]["code"] == "not-submitter"
    assert api(old, "PUT", void_it).status_code == 200


def test_all_outcomes_are_listed_with_both_whoever_recorded_them_and_whenever(
    correct, transferred, listed
):
    application, declaration, old = transferred
    new = application.lead_provider
    correct(
        record_outcome_for_provider,
        declaration_id=declaration.pk,
        state="failed",
        completion_date=date(2021, 12, 5),
    )
    void(declaration, at=NOW)
    outcomes = [str(it.pk) for it in declaration.outcomes.order_by("created_at")]
    assert len(outcomes) == 3
    since = f"?filter[created_since]={NOW:%Y-%m-%dT%H:%M:%SZ}"
    for provider in (old, new):
        assert listed(provider, OUTCOMES) == outcomes
        assert listed(provider, OUTCOMES + since) == outcomes[1:]
    assert listed(new, f"/participants/npq/{application.participant_id}/outcomes") == outcomes


def test_a_provider_that_only_held_it_for_a_while_sees_nothing_declared_for_it_any_longer(
    correct, transferred, listed
):
    application, declaration, old = transferred
    between = application.lead_provider
    third = LeadProviderFactory.create()
    correct(transfer_application, application_id=application.pk, lead_provider_id=third.pk)
    outcome = declaration.outcomes.get()
    for path, record in (("/participant-declarations", declaration), (OUTCOMES, outcome)):
        seen = {it: listed(it, path) for it in (old, between, third)}
        assert seen == {old: [str(record.pk)], between: [], third: [str(record.pk)]}


def test_what_comes_back_to_who_submitted_it_stands_in_its_lists_once(correct, transferred, listed):
    application, declaration, old = transferred
    between = application.lead_provider
    correct(transfer_application, application_id=application.pk, lead_provider_id=old.pk)
    outcome = declaration.outcomes.get()
    for path, record in (("/participant-declarations", declaration), (OUTCOMES, outcome)):
        assert (listed(old, path), listed(between, path)) == ([str(record.pk)], [])


def test_updated_since_finds_a_transfer_in_each_list_of_the_new_provider(transferred, listed):
    application, declaration, _old = transferred
    since = f"?filter[updated_since]={NOW:%Y-%m-%dT%H:%M:%SZ}"
    new = application.lead_provider
    assert listed(new, f"/participants/npq{since}") == [str(application.participant_id)]
    assert listed(new, f"/npq-applications{since}") == [str(application.pk)]
    assert listed(new, f"/participant-declarations{since}") == [str(declaration.pk)]


def test_updated_since_finds_who_stays_with_the_old_provider_for_another_course(
    correct, listed, enrol, enrolment, other_provider, senior
):
    old = enrolment.lead_provider
    enrol(participant=enrolment.participant, lead_provider=old, course=senior)
    correct(transfer_application, application_id=enrolment.pk, lead_provider_id=other_provider.pk)
    since = f"?filter[updated_since]={NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert listed(old, f"/participants/npq{since}") == [str(enrolment.participant_id)]


def test_who_comes_back_to_a_provider_is_found_again(correct, transferred, listed):
    application, _declaration, old = transferred
    later = NOW + timedelta(hours=1)
    correct(transfer_application, application_id=application.pk, lead_provider_id=old.pk, at=later)
    since = f"?filter[updated_since]={later:%Y-%m-%dT%H:%M:%SZ}"
    assert listed(old, f"/participants/npq{since}") == [str(application.participant_id)]


def test_a_pending_application_is_transferred_unlisted(correct, listed, db, other_provider):
    application = ApplicationFactory.create()
    correct(transfer_application, application_id=application.pk, lead_provider_id=other_provider.pk)
    assert listed(other_provider, "/npq-applications") == [str(application.pk)]
    assert not ParticipantListing.objects.exists()


def test_a_transfer_to_the_same_provider_or_to_none_is_refused(refused, correct, enrolment):
    own = enrolment.lead_provider_id
    found = refused(
        transfer_application, application_id=enrolment.pk, lead_provider_id=own, reason=""
    )
    assert found == {"lead_provider": "same-provider", "reason": "missing"}
    with pytest.raises(NotFound):
        correct(transfer_application, application_id=enrolment.pk, lead_provider_id=uuid4())


def test_a_transfer_leaves_declarations_on_the_statements_of_who_submitted_them(
    correct, enrolment, other_provider
):
    statement = open_for(enrolment.lead_provider)
    open_for(other_provider, period="January 2022")
    declare(enrolment)
    correct(transfer_application, application_id=enrolment.pk, lead_provider_id=other_provider.pk)
    correct(change_funding, application_id=enrolment.pk, eligible_for_funding=False)
    correct(change_funding, application_id=enrolment.pk, eligible_for_funding=True)
    assert Declaration.objects.get().statement == statement
