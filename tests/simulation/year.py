"""One academic year: staff's calendar, and in between what providers do."""

import random
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.simulation.api import Api
from tests.simulation.events import Providers
from tests.simulation.model import Ledger
from tests.simulation.people import Applicants, write
from tests.simulation.records import LONDON, start_of
from tests.simulation.reference import COURSES, LATER_PERIOD, PERIODS

EVENTS_PER_PARTICIPANT = 1.0
PROVIDERS = ("Northern Lights Trust", "Severn Learning", "Thames Teaching Partnership")
FIRST_DAY = date(2021, 10, 20)
LAST_DAY = date(2022, 11, 20)
DEADLINES = tuple(deadline for _period, deadline, _payment in (*PERIODS, LATER_PERIOD))


def morning(day):
    return datetime(day.year, day.month, day.day, 9, tzinfo=LONDON)


class Year:
    """Lets a seeded year happen to an empty database and keeps the ledger of it."""

    def __init__(self, seed, participants, *, folder, clock, run=call_command):
        self.participants = participants
        self.chance = random.Random(seed)
        self.folder = folder
        self.clock = clock
        self.run = run
        self.ledger = Ledger(self._prices())
        self.applicants = Applicants(self.chance, PROVIDERS)
        self.api = None
        self.providers = None

    def live(self):
        """Let everything happen, in the order of time."""
        self._move_to(morning(FIRST_DAY))
        self._prepare()
        happenings = self._calendar() + self._events()
        for at, happen in sorted(happenings, key=lambda it: it[0]):
            self._move_to(max(at, self.ledger.now))
            happen()

    def _move_to(self, at):
        self.clock.move_to(at)
        self.ledger.now = at.astimezone(UTC)

    def _pass_time(self):
        self._move_to(self.ledger.now + timedelta(seconds=1))

    def _prices(self):
        """A price in pence for each provider's course; a few courses have no contract."""
        return {
            (provider, course): self.chance.randrange(50_000, 300_000)
            for provider in PROVIDERS
            for course in COURSES
            if self.chance.random() < 0.9
        }

    def _prepare(self):
        shipped = Path(settings.BASE_DIR, "schedules", "reference_data").glob("*.csv")
        periods = [f"2021,{','.join(map(str, it))}" for it in PERIODS]
        statements = self._file(
            "statements.csv", "cohort,period,deadline_date,payment_date", periods
        )
        self._call("load_reference_data", *map(str, shipped), statements)
        for provider in PROVIDERS:
            self._call("create_lead_provider", provider)
        prices = [
            f"{provider},2021,{course},{pence / 100:.2f}"
            for (provider, course), pence in self.ledger.prices.items()
        ]
        header = "provider,cohort,course,price_per_participant"
        self._call("load_reference_data", self._file("contract_prices.csv", header, prices))
        tokens = {it: self._call("create_api_token", it).strip() for it in PROVIDERS}
        self.api = Api(Client(), tokens, pass_time=self._pass_time)
        self.providers = Providers(self.chance, self.ledger, self.api)
        for period, deadline, _payment in PERIODS:
            self._open(period, deadline)

    def _file(self, name, header, rows):
        path = self.folder / name
        path.write_text("\n".join((header, *rows)) + "\n")
        return str(path)

    def _call(self, *command):
        out = StringIO()
        self.run(*command, stdout=out, stderr=StringIO())
        return out.getvalue()

    # Staff's calendar

    def _calendar(self):
        """Give the days on which staff do something, and what."""
        return [
            (morning(day), act)
            for day, act in (
                (date(2021, 11, 1), self._import(0.6, date(2021, 9, 1), date(2021, 10, 31))),
                (date(2021, 12, 26), self._make_payable()),
                (date(2022, 1, 4), self._import(0.25, date(2021, 12, 20), date(2022, 1, 3))),
                (date(2022, 1, 25), self._pay("January 2022")),
                # Early, so that what is payable can still be lost before the cut-off.
                (date(2022, 2, 18), self._make_payable(as_of=date(2022, 2, 26))),
                (date(2022, 3, 25), self._pay("March 2022")),
                (date(2022, 3, 26), self._send_notifications),
                (date(2022, 6, 6), self._import(0.15, date(2022, 2, 26), date(2022, 6, 5))),
                (date(2022, 6, 26), self._make_payable()),
                (date(2022, 7, 25), self._pay("July 2022")),
                (date(2022, 9, 12), self._open_later_period),
                (date(2022, 10, 26), self._make_payable()),
                (date(2022, 10, 27), self._pay("October 2022")),
                (LAST_DAY + timedelta(days=1), self._send_notifications),
            )
        ]

    def _import(self, share, accepted_from, accepted_until):
        def act():
            people = round(self.participants * share)
            rows = list(self.applicants.rows(people, accepted_from, accepted_until))
            path = self.folder / "applications.csv"
            write(rows, path)
            self._call("import_applications", str(path))
            for row in rows:
                self.ledger.add(row.application, row.accepted_at)

        return act

    def _make_payable(self, as_of=None):
        def act():
            ahead = ["--as-of", as_of.isoformat(), "--yes"] if as_of else []
            self._call("make_payable", *ahead)
            self.ledger.make_payable(as_of or self.ledger.today)

        return act

    def _pay(self, period):
        def act():
            for statement in [it for it in self.ledger.statements if it.period == period]:
                self._call("mark_paid", "--statement", statement.id)
                self.ledger.mark_paid(statement)

        return act

    def _open_later_period(self):
        period, deadline, payment = LATER_PERIOD
        dates = ["--deadline", deadline.isoformat(), "--payment", payment.isoformat()]
        self._call("open_statement", "--cohort", "2021", "--period", period, *dates)
        self._open(period, deadline)

    def _send_notifications(self):
        self._call("send_notifications", "--once")

    def _open(self, period, deadline):
        for provider in PROVIDERS:
            statement = self.ledger.open_statement(provider, period, deadline)
            (record,) = (
                it for it in self.api.statements(provider) if it["attributes"]["period"] == period
            )
            statement.id = record["id"]

    # Providers

    def _events(self):
        count = round(self.participants * EVENTS_PER_PARTICIPANT)
        return [(self._some_time(), self._act) for _ in range(count)]

    def _some_time(self):
        """Return any time, or often one within two days of a deadline, when all make haste."""
        first, last = morning(date(2021, 11, 2)), morning(LAST_DAY)
        if self.chance.random() < 0.3:
            first = start_of(self.chance.choice(DEADLINES)) - timedelta(days=1)
            last = first + timedelta(days=3)
        return first + timedelta(seconds=self.chance.randrange(int((last - first).total_seconds())))

    def _act(self):
        self.providers.act()
