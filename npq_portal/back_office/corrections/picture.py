"""Everything that staff care about of a person, to compare before and after (rules 14.13)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from declarations.models import Declaration, Statement
from npq_portal.clock import day_in_words, london_day
from npq_portal.fingerprints import fingerprint
from outcomes.models import Notification, Outcome
from participants.models import Application, Participant

NONE = "none"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is so: the record in words, what of it, and the value for people."""

    record: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that is another now; ``before`` or ``after`` is ``none`` where there is no fact."""

    record: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The facts of some persons, and how often each of their records has changed.

    Facts tell what is so, and are alike again when a change was taken back. The counts tell
    whether anything happened. Both are keyed by ids that do not depend on when one looks.
    """

    facts: dict[str, Fact] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)

    def add(self, key: str, record: str, facts: dict[str, str], *, changes: int = 0) -> None:
        """Put the ``facts`` of one record into the picture, which changed so many times."""
        for name, value in facts.items():
            self.facts[f"{key} {name}"] = Fact(record, name, value)
        self.changes[key] = changes

    def fingerprint(self) -> str:
        """Return what is the same for the same facts, and differs for others."""
        return fingerprint({key: fact.value for key, fact in self.facts.items()})


def picture_of(participant_ids: Collection[UUID]) -> Picture:
    """Return the picture of the persons with these ids, in a fixed number of queries."""
    picture = Picture()
    _add_participants(picture, participant_ids)
    _add_applications(picture, participant_ids)
    keys = _add_declarations(picture, participant_ids)
    _add_outcomes(picture, keys)
    _add_notifications(picture, keys)
    return picture


def differences(before: Picture, after: Picture) -> list[Difference]:
    """Return what is another fact in ``after`` than in ``before``, in the order of the picture."""
    found = []
    for key in {**before.facts, **after.facts}:
        old, new = before.facts.get(key), after.facts.get(key)
        known = old or new
        was, becomes = (NONE if it is None else it.value for it in (old, new))
        if known is not None and was != becomes:
            found.append(Difference(known.record, known.name, was, becomes))
    return found


def fingerprint_of_change(before: Picture, after: Picture) -> str:
    """Return what is the same for the same change of the same records, and differs otherwise."""
    return fingerprint([before.fingerprint(), before.changes, after.fingerprint(), after.changes])


def _add_participants(picture: Picture, ids: Collection[UUID]) -> None:
    versions = dict(
        Participant.history.filter(id__in=ids)
        .order_by()
        .values_list("id")
        .annotate(Count("history_id"))
    )
    persons = Participant.objects.filter(pk__in=ids).select_related("id_change__survivor")
    for it in persons.order_by("id"):
        facts = {
            "name": it.full_name,
            "e-mail": it.email,
            "TRN": _trn(it),
            "merged into": NONE if it.survivor == it else str(it.survivor.pk),
        }
        picture.add(f"participant {it.pk}", "Participant", facts, changes=versions.get(it.pk, 0))


def _trn(participant: Participant) -> str:
    number = participant.teacher_reference_number
    if number is None:
        return NONE
    validated = participant.teacher_reference_number_validated
    return f"{number}, {'validated' if validated else 'not validated'}"


def _add_applications(picture: Picture, ids: Collection[UUID]) -> None:
    applications = (
        Application.objects.filter(participant__in=ids)
        .select_related("lead_provider", "course", "cohort", "schedule__cohort")
        .annotate(changes=Count("events"))
        .order_by("created_at", "id")
    )
    for it in applications:
        facts = {
            "participant": str(it.participant_id),
            "provider": str(it.lead_provider),
            "course": str(it.course),
            "cohort": str(it.cohort),
            "status": it.get_status_display(),
            "accepted": _day(it.accepted_at),
            "schedule": str(it.schedule or NONE),
            "training status": it.get_training_status_display() or NONE,
            "withdrawal": _day_and_reason(it.withdrawn_at, it.withdrawal_reason),
            "deferral": _day_and_reason(it.deferred_at, it.deferral_reason),
            "funding": _funding(it),
        }
        name = f"Application for {it.course} with {it.lead_provider}"
        picture.add(f"application {it.pk}", name, facts, changes=it.changes)


def _day(at: datetime | None) -> str:
    # The day alone: the instant is another each time one tries.
    return NONE if at is None else day_in_words(london_day(at))


def _day_and_reason(at: datetime | None, reason: str | None) -> str:
    return NONE if at is None else f"{_day(at)}, {reason}"


def _funding(application: Application) -> str:
    if application.eligible_for_funding:
        return "eligible"
    reason = application.ineligible_for_funding_reason
    return f"not eligible: {reason}" if reason else "not eligible"


def _add_declarations(picture: Picture, ids: Collection[UUID]) -> dict[UUID, str]:
    """Add the declarations; return by their ids the keys that they have in the picture.

    A key numbers the declarations of one type of an application as they were made: one that is yet
    to be made has no id that stays.
    """
    declarations = (
        Declaration.objects.filter(application__participant__in=ids)
        .select_related(
            "statement__period__cohort",
            "statement__lead_provider",
            "clawback_statement__period__cohort",
            "clawback_statement__lead_provider",
        )
        .annotate(changes=Count("events"))
        .order_by("created_at", "id")
    )
    keys: dict[UUID, str] = {}
    numbers: Counter[str] = Counter()
    for it in declarations:
        slot = f"{it.application_id} {it.declaration_type}"
        numbers[slot] += 1
        keys[it.pk] = f"{slot} {numbers[slot]}"
        facts = {
            "state": it.get_state_display(),
            "statement": _statement(it.statement),
            "clawback statement": _statement(it.clawback_statement),
        }
        key = f"declaration {keys[it.pk]}"
        picture.add(key, _declaration(it), facts, changes=it.changes)
    return keys


def _declaration(it: Declaration) -> str:
    return f"Declaration {it.declaration_type} of {day_in_words(london_day(it.declaration_date))}"


def _statement(statement: Statement | None) -> str:
    return NONE if statement is None else f"{statement} ({statement.get_state_display()})"


def _add_outcomes(picture: Picture, keys: Mapping[UUID, str]) -> None:
    """Add the newest outcome of each declaration, and the messages that outcomes caused."""
    outcomes: dict[Declaration, list[Outcome]] = defaultdict(list)
    rows = Outcome.objects.filter(declaration__in=keys).select_related("declaration")
    for it in rows.order_by("created_at", "id"):
        outcomes[it.declaration].append(it)
    for declaration, history in outcomes.items():
        newest = history[-1]
        value = f"{newest.get_state_display()}, {day_in_words(newest.completion_date)}"
        picture.add(
            f"outcome {keys[declaration.pk]}",
            _declaration(declaration),
            {"outcome": value},
            changes=len(history),
        )


def _add_notifications(picture: Picture, keys: Mapping[UUID, str]) -> None:
    # Numbered for each declaration, as declarations are.
    notifications = Notification.objects.filter(outcome__declaration__in=keys)
    numbers: Counter[UUID] = Counter()
    in_order = notifications.select_related("outcome__declaration").order_by("created_at", "id")
    for it in in_order:
        declaration = it.outcome.declaration
        numbers[declaration.pk] += 1
        picture.add(
            f"notification {keys[declaration.pk]} {numbers[declaration.pk]}",
            f"{_declaration(declaration)}, e-mail about the retraction",
            {"notification": it.get_state_display()},
        )
