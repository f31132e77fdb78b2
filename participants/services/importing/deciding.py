"""What the rows of an import come to, one after the other (rules 11.7)."""

from dataclasses import dataclass, field
from datetime import date, datetime

from npq_portal.bulk_create import new_instance
from npq_portal.clock import london_day
from npq_portal.identifiers import new_id
from participants.choices import ApplicationStatus
from participants.models import Application, Participant
from participants.rules import Acceptance, refusals_to_accept
from participants.services.applications import accepted_values, is_pending_sibling
from participants.services.importing.columns import ApplicationRow
from participants.services.importing.known import Known
from schedules.models import Schedule
from schedules.rules import schedules_taking


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do.

    ``differing`` rows give other details of a known person than are kept; ``sharing_email`` counts
    the new persons with the e-mail address of a known one.
    """

    imported: int = 0
    new_participants: int = 0
    skipped: int = 0
    differing: int = 0
    sharing_email: int = 0


@dataclass(slots=True)
class Additions:
    """What some rows add, and which ``(stored application, accepted one)`` the latter rejects."""

    participants: list[Participant] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    rejections: list[tuple[Application, Application]] = field(default_factory=list)


class Decision:
    """Decides rows at one instant (UTC) and counts them in ``report``; all cohorts are kept."""

    def __init__(self, report: ImportReport, *, at: datetime) -> None:
        self.report = report
        self.at = at
        self.schedules = list(Schedule.objects.select_related("cohort"))

    def decide(self, rows: list[ApplicationRow], known: Known) -> Additions:
        """Return what ``rows`` add to what is ``known``; what breaks a rule becomes their fault.

        The database is not asked.
        """
        additions = Additions()
        for row in rows:
            self._decide_row(row, known, additions)
        return additions

    def _decide_row(self, row: ApplicationRow, known: Known, additions: Additions) -> None:
        holder = known.person_of_known(row)
        if holder is not None:
            self.report.skipped += 1
            self.report.differing += _differs(row, holder)
            return
        person = known.person(row)
        if person is None:
            person = self._new_person(row, known)
            additions.participants.append(person)
        else:
            self.report.differing += _differs(row, person)
        application = self._new_application(row, person)
        if row.status == ApplicationStatus.ACCEPTED:
            self._accept(row, application, known, additions)
        if row.row.is_good:
            known.add_application(application)
            additions.applications.append(application)
            self.report.imported += 1

    def _new_person(self, row: ApplicationRow, known: Known) -> Participant:
        self.report.new_participants += 1
        self.report.sharing_email += bool(known.sharing_email(row.email))
        details = {
            "id": row.participant_id or new_id(),
            "full_name": row.full_name,
            "email": row.email,
            "teacher_reference_number": row.trn,
            "teacher_reference_number_validated": row.trn_validated,
            "created_at": self.at,
            "updated_at": self.at,
        }
        person = new_instance(Participant, details)
        known.add_person(person)
        return person

    def _new_application(self, row: ApplicationRow, person: Participant) -> Application:
        given = {
            **row.attributes,
            "id": row.application_id or new_id(),
            "lead_provider_id": row.lead_provider.pk,
            "course_id": row.course.pk,
            "cohort_id": row.cohort.pk,
            "status": row.status,
            "registered_at": row.registered_at,
            "created_at": self.at,
            "updated_at": self.at,
        }
        application = new_instance(Application, given)
        application.participant = person
        return application

    def _accept(
        self, row: ApplicationRow, application: Application, known: Known, additions: Additions
    ) -> None:
        """Accept a new ``application`` by the rules of accepting (rules 6.2 to 6.4)."""
        assert row.accepted_at is not None  # noqa: S101 - the columns are checked together
        persons = known.records_of(application.participant)
        others = [
            it for it in known.applications_of(persons) if it.course_id == application.course_id
        ]
        day = london_day(row.accepted_at)
        taking = self._schedules(row, day)
        acceptance = Acceptance(
            course=str(row.course),
            cohort=str(row.cohort),
            day=day,
            schedules=len(taking) if row.schedule_identifier is None else 1,
            holds_course=any(it.holds_course for it in others),
        )
        for refusal in refusals_to_accept(acceptance):
            row.row.fault("status", refusal.sentence)
        if not row.row.is_good:
            return
        for name, value in accepted_values(at=row.accepted_at, schedule=taking[0]).items():
            setattr(application, name, value)
        for other in others:
            if is_pending_sibling(other, application):
                other.status = ApplicationStatus.REJECTED
                additions.rejections.append((other, application))

    def _schedules(self, row: ApplicationRow, day: date) -> list[Schedule]:
        """Return the schedule that ``row`` names, else those whose window takes ``day``.

        A name that won't do becomes a fault of the row.
        """
        of_cohort = [it for it in self.schedules if it.cohort_id == row.cohort.pk]
        of_group = [it for it in of_cohort if it.group_id == row.course.group_id]
        if row.schedule_identifier is None:
            return schedules_taking(of_group, day)
        named = [it for it in of_cohort if it.identifier == row.schedule_identifier]
        if not named:
            row.row.fault(
                "schedule_identifier",
                f"cohort {row.cohort} has no schedule {row.schedule_identifier!r}.",
            )
        elif named[0] not in of_group:
            row.row.fault(
                "schedule_identifier",
                f"{row.schedule_identifier} is not for {row.course}; name a schedule of the"
                f" group {row.course.group}.",
            )
        return named


def _differs(row: ApplicationRow, person: Participant) -> bool:
    """Return whether ``row`` gives other details of ``person``; what it leaves out does not."""
    if (row.full_name, row.email) != (person.full_name, person.email):
        return True
    return row.trn is not None and (row.trn, row.trn_validated) != (
        person.teacher_reference_number,
        person.teacher_reference_number_validated,
    )
