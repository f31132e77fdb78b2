"""What the ledger is about: persons, their applications, declarations and statements."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from tests.simulation.reference import SCHEDULES

LONDON = ZoneInfo("Europe/London")


def london_day(instant):
    return instant.astimezone(LONDON).date()


def start_of(day):
    return datetime.combine(day, time.min, LONDON)


@dataclass(eq=False)
class Person:
    id: str
    trn: str | None = None  # once validated


@dataclass(eq=False)
class Statement:
    provider: str
    period: str
    deadline: date
    state: str = "open"
    id: str = ""


@dataclass(eq=False)
class Application:
    id: str
    person: Person
    provider: str
    course: str
    funded: bool
    status: str = "pending"
    schedule: str = ""
    training: str = ""
    withdrawn_at: datetime | None = None
    declarations: list["Declaration"] = field(default_factory=list)

    @property
    def holds_course(self):
        return self.status == "accepted" and self.training != "withdrawn"

    @property
    def left_before_cut_off(self):
        cut_off = SCHEDULES[self.schedule].cut_off
        return self.withdrawn_at is not None and london_day(self.withdrawn_at) < cut_off


@dataclass(eq=False)
class Declaration:
    application: Application
    type: str
    instant: datetime
    has_passed: bool | None
    state: str = ""
    is_duplicate: bool = False
    paid_on: Statement | None = None
    taken_back_on: Statement | None = None
    pence: int | None = None
    outcome: tuple[str, date] | None = None
    id: str = ""

    @property
    def provider(self):
        return self.application.provider  # nothing is transferred in this year
