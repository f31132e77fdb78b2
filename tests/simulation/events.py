"""What providers do in a year: by chance, mostly sensible, with the odd mistake and repeat."""

from datetime import UTC, timedelta, timezone

from tests.simulation.model import UNPAID
from tests.simulation.records import start_of
from tests.simulation.reference import COURSES, SCHEDULES, TYPES

BRISBANE = timezone(timedelta(hours=10))

WEIGHTS = {
    "declare_next": 55,
    "declare_anything": 5,
    "declare_once_more": 6,
    "void": 7,
    "withdraw": 6,
    "go_elsewhere": 3,
    "defer": 3,
    "resume": 2,
    "change_schedule": 4,
    "post_outcome": 6,
    "accept": 3,
    "reject": 1,
}
"""How often each of the methods of Providers happens."""


class Providers:
    """Act on what the ledger holds, through the API, and hold each answer against the ledger."""

    def __init__(self, chance, ledger, api):
        self.chance = chance
        self.ledger = ledger
        self.api = api

    def act(self):
        """Let one event happen; a declaration comes first."""
        (name,) = self.chance.choices(list(WEIGHTS), WEIGHTS.values())
        getattr(self, name if self.ledger.declarations else "declare_next")()

    # Declarations

    def declare_next(self):
        """Declare the next milestone of somebody in training whose schedule has begun."""
        enrolment = self._enrolment(
            lambda it: it.training == "active" and self._starts(it) < self.ledger.now
        )
        given_back = {"voided", "awaiting-clawback", "clawed-back"}
        standing = {it.type for it in enrolment.declarations if it.state not in given_back}
        due = [it for it in SCHEDULES[enrolment.schedule].types if it not in standing]
        type_ = due[0] if due and self._odds(0.8) else "completed"  # in any order (rules 8.4)
        self._declare(enrolment, type_, self._past_date(enrolment))

    def declare_anything(self):
        """Declare any type, about the first day or any other, for whosever participant."""
        enrolment = self._enrolment()
        days = self.chance.choice((0, 0, self.chance.randrange(-30, 400)))
        date = self._starts(enrolment) + timedelta(days=days, seconds=self.chance.choice((-1, 0)))
        self._declare(
            enrolment,
            self.chance.choice(TYPES),
            date,
            provider=self.chance.choice((enrolment.provider, self._any_provider())),
            course=self.chance.choice((enrolment.course, self.chance.choice(COURSES))),
        )

    def declare_once_more(self):
        """Repeat a declaration, which may have been taken back since."""
        former = self._declaration(lambda it: it.state == "ineligible" or self._odds(0.1))
        self._declare(former.application, former.type, former.instant, has_passed=former.has_passed)

    def void(self):
        declaration = self._declaration(
            lambda it: it.state == "paid" or it.type == "completed" or self._odds(0.2)
        )
        provider = declaration.provider if self._odds(0.97) else self._any_provider()
        self.api.void(provider, declaration, wrong=self.ledger.void(provider, declaration))

    def _declare(self, enrolment, type_, date, *, provider=None, course=None, has_passed=None):
        provider, course = provider or enrolment.provider, course or enrolment.course
        if type_ == "completed" and has_passed is None and self._odds(0.97):
            has_passed = self._odds(0.7)
        wrong, expected = self.ledger.declare(
            provider, enrolment.person, course, type_, date, has_passed
        )
        given = {
            "participant_id": enrolment.person.id,
            "declaration_type": type_,
            "declaration_date": self._written(date),
            "course_identifier": course,
            "has_passed": has_passed,
        }
        self.api.declare(provider, given, wrong=wrong, expected=expected)

    # Training

    def withdraw(self):
        """Withdraw anybody, but rather somebody whose declarations are not paid for then."""
        self._withdraw(
            self._enrolment(
                lambda it: (
                    (
                        self.ledger.today < SCHEDULES[it.schedule].cut_off
                        and any(one.state in UNPAID for one in it.declarations)
                    )
                    or self._odds(0.05)
                )
            )
        )

    def go_elsewhere(self):
        """Withdraw somebody who has also applied elsewhere; accept and declare for them there."""
        held_back = [
            it
            for it in self.ledger.applications
            if it.status == "pending" and any(x.declarations for x in self.ledger.same_person(it))
        ]
        if not held_back:
            return
        application = self.chance.choice(held_back)
        others = [it for it in self.ledger.same_person(application) if it.holds_course]
        for other in others:
            self._withdraw(other)
        self._accept(application)
        if application.status == "accepted":
            for type_ in dict.fromkeys(it.type for other in others for it in other.declarations):
                self._declare(application, type_, self._past_date(application))

    def defer(self):
        enrolment, known = self._enrolment(), self._odds(0.95)
        wrong = self.ledger.defer(*self._named(enrolment), reason_is_known=known)
        reason = self.chance.choice(("bereavement", "career-break")) if known else "tired"
        self.api.train(enrolment, "defer", {"reason": reason}, wrong=wrong)

    def resume(self):
        enrolment = self._enrolment(lambda it: it.training == "deferred")
        self.api.train(enrolment, "resume", {}, wrong=self.ledger.resume(*self._named(enrolment)))

    def change_schedule(self):
        enrolment = self._enrolment()
        group = SCHEDULES[enrolment.schedule].group
        fitting = [it.identifier for it in SCHEDULES.values() if it.group == group]
        name = self.chance.choice(fitting if self._odds(0.9) else [*SCHEDULES, "npq-never"])
        cohort = self.chance.choice((None, None, "2021", "2021", "2022"))
        wrong = self.ledger.change_schedule(*self._named(enrolment), name, cohort=cohort)
        given = {"schedule_identifier": name, "cohort": cohort}
        self.api.train(enrolment, "change-schedule", given, wrong=wrong)

    def _withdraw(self, enrolment):
        known = self._odds(0.95)
        wrong = self.ledger.withdraw(*self._named(enrolment), reason_is_known=known)
        reason = self.chance.choice(("other", "started-in-error")) if known else "bereavement"
        self.api.train(enrolment, "withdraw", {"reason": reason}, wrong=wrong)

    @staticmethod
    def _named(enrolment):
        return enrolment.provider, enrolment.person, enrolment.course

    # Outcomes and applications

    def post_outcome(self):
        """Post an outcome, at times the one that was told last."""
        enrolment = self._enrolment(lambda it: any(one.outcome for one in it.declarations))
        state = self.chance.choice(("passed", "passed", "failed", "failed", "voided"))
        day = self.ledger.today - timedelta(days=self.chance.choice((0, 0, 0, 1, -1)))
        told = [it.outcome for it in enrolment.declarations if it.outcome]
        if told and self._odds(0.3):
            state, day = told[-1]
        wrong = self.ledger.post_outcome(*self._named(enrolment), state, day)
        self.api.post_outcome(enrolment, state, day, wrong=wrong)

    def accept(self):
        self._accept(self._application())

    def reject(self):
        application = self._application()
        wrong = self.ledger.reject(application.provider, application)
        self.api.decide(application, "reject", wrong=wrong)

    def _accept(self, application):
        provider = application.provider if self._odds(0.97) else self._any_provider()
        wrong = self.ledger.accept(provider, application)
        self.api.decide(application, "accept", provider=provider, wrong=wrong)

    # Chance

    def _odds(self, probability):
        return self.chance.random() < probability

    def _any_provider(self):
        return self.chance.choice(self.api.providers)

    def _pick(self, items, condition):
        """Return an item that meets the condition, or after some tries whichever came last."""
        for _ in range(40):
            item = self.chance.choice(items)
            if condition(item):
                break
        return item

    def _application(self):
        return self._pick(
            self.ledger.applications, lambda it: it.status == "pending" or self._odds(0.02)
        )

    def _enrolment(self, condition=lambda _: True):
        return self._pick(
            self.ledger.applications, lambda it: it.status == "accepted" and condition(it)
        )

    def _declaration(self, condition):
        return self._pick(self.ledger.declarations, condition)

    @staticmethod
    def _starts(enrolment):
        return start_of(SCHEDULES[enrolment.schedule].starts)

    def _past_date(self, enrolment):
        """Return an instant between the start of the schedule and the withdrawal or now."""
        first, last = self._starts(enrolment), enrolment.withdrawn_at or self.ledger.now
        seconds = max(1, int((last - first).total_seconds()))
        return first + timedelta(seconds=self.chance.randrange(seconds))

    def _written(self, instant):
        """Write an instant in one of the ways in which clients do (rules 3.5)."""
        return self.chance.choice(
            (
                f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.999999+00:00",
                instant.astimezone(BRISBANE).isoformat(),
            )
        )
