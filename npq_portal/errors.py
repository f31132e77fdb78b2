"""Refusals: what was wrong, where, and what would be right. No HTTP in here.

A service gathers every refusal of a request in ``Refusals`` and raises them together as one
``Refused``; the API, the admin and the commands each translate it (rules 3.10 and 3.11).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

BASE = "base"
"""The attribute of a refusal about a record's status or state, not about a value."""


class ErrorCode(StrEnum):
    """Every code an error can carry; ``docs/errors.md`` explains each to clients."""

    MISSING = "missing"
    INVALID = "invalid"
    BAD_REQUEST = "bad-request"
    UNKNOWN_PARAMETER = "unknown-parameter"
    UNKNOWN_PARTICIPANT = "unknown-participant"
    MERGED_AWAY = "merged-away"
    UNKNOWN_COURSE = "unknown-course"
    UNKNOWN_COHORT = "unknown-cohort"
    UNKNOWN_SCHEDULE = "unknown-schedule"
    NO_ACCEPTED_APPLICATION = "no-accepted-application"
    NOT_PENDING = "not-pending"
    ALREADY_ACCEPTED_ELSEWHERE = "already-accepted-elsewhere"
    NO_SINGLE_SCHEDULE = "no-single-schedule"
    ALREADY_WITHDRAWN = "already-withdrawn"
    ALREADY_DEFERRED = "already-deferred"
    NOT_DEFERRED = "not-deferred"
    SCHEDULE_NOT_FOR_COURSE = "schedule-not-for-course"
    ALREADY_ON_SCHEDULE = "already-on-schedule"
    DECLARATIONS_CONFLICT = "declarations-conflict"
    COHORT_HELD_BY_DECLARATIONS = "cohort-held-by-declarations"
    TYPE_NOT_IN_SCHEDULE = "type-not-in-schedule"
    DATE_IN_FUTURE = "date-in-future"
    DATE_BEFORE_SCHEDULE = "date-before-schedule"
    DATE_AFTER_WITHDRAWAL = "date-after-withdrawal"
    SLOT_TAKEN = "slot-taken"
    NOT_VOIDABLE = "not-voidable"
    NOT_SUBMITTER = "not-submitter"
    NO_OUTCOMES_FOR_COURSE = "no-outcomes-for-course"
    NO_COMPLETED_DECLARATION = "no-completed-declaration"
    VOIDED_NOT_POSTABLE = "voided-not-postable"
    DIFFERENT_DATES = "different-dates"
    DEADLINE_PASSED = "deadline-passed"
    NOT_PAYABLE = "not-payable"
    FIGURES_CHANGED = "figures-changed"
    NOT_RESENDABLE = "not-resendable"
    NOTHING_CHANGES = "nothing-changes"
    COURSE_HELD_TWICE = "course-held-twice"
    NOT_DECIDED = "not-decided"
    NOT_ACCEPTED = "not-accepted"
    NOT_WITHDRAWN = "not-withdrawn"
    DATE_BEFORE_ACCEPTANCE = "date-before-acceptance"
    SAME_PROVIDER = "same-provider"
    SAME_RECORD = "same-record"
    NOT_PAID = "not-paid"
    EXISTS_ALREADY = "exists-already"
    IN_USE = "in-use"
    DAYS_WITHOUT_ONE_SCHEDULE = "days-without-one-schedule"
    CHANGED_MEANWHILE = "changed-meanwhile"
    LAST_ADMINISTRATOR = "last-administrator"
    TOKEN_NOT_USABLE = "token-not-usable"  # noqa: S105 - a code, not a token
    ALREADY_ROTATED = "already-rotated"
    NOT_A_DEMO = "not-a-demo"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that was wrong: a stable ``code``, the ``attribute``, a plain ``sentence``.

    ``obstacles`` are what stands in the way, one by one, where the sentence speaks of several.
    """

    attribute: str
    code: ErrorCode
    sentence: str
    obstacles: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """The sentence, and each obstacle."""
        return [self.sentence, *self.obstacles]


class Refused(Exception):
    """The command was refused and nothing was written; ``refusals`` say why, all at once."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(" ".join(it for refusal in refusals for it in refusal.sentences))
        self.refusals = refusals


class NotFound(Exception):
    """No such record, or none that the asker may know of: the two look the same (rules 3.9)."""


class MergedAway(NotFound):
    """The record was merged into the one with the id ``into``, which the asker sees (rules 5.6)."""

    def __init__(self, into: UUID) -> None:
        super().__init__(f"The record was merged into {into}; use that id from now on.")
        self.into = into


class Refusals:
    """The refusals of one command, at most one per attribute: the first found stays."""

    def __init__(self) -> None:
        self._by_attribute: dict[str, Refusal] = {}

    def add(self, attribute: str, code: ErrorCode, sentence: str) -> None:
        """Note a refusal unless ``attribute`` has one already."""
        self._by_attribute.setdefault(attribute, Refusal(attribute, code, sentence))

    def note(self, *found: Refusal | None) -> None:
        """Note each of the refusals that rules ``found``; None is none."""
        for refusal in found:
            if refusal is not None:
                self._by_attribute.setdefault(refusal.attribute, refusal)

    def raise_any(self) -> None:
        """Raise ``Refused`` with all that were noted; do nothing when there are none."""
        if self._by_attribute:
            raise Refused(*self)

    def __iter__(self) -> Iterator[Refusal]:
        return iter(self._by_attribute.values())

    def __contains__(self, attribute: object) -> bool:
        return attribute in self._by_attribute

    def __bool__(self) -> bool:
        return bool(self._by_attribute)
