"""The year by hand: what every request comes to, and every penny, told from docs/rules.md alone.

Nothing of the service is imported. Each command returns the titles of the errors that are due:
an empty set when it succeeds, NOT_FOUND when the record does not exist for the provider. What it
changes it changes here, so that the totals at the end are counted independently of the service.
"""

from collections import Counter, defaultdict
from datetime import UTC, datetime

from tests.simulation.records import Declaration, Statement, london_day, start_of
from tests.simulation.reference import GROUP_OF, SCHEDULES, has_outcomes

NOT_FOUND = frozenset({"404"})

COUNTING = {"submitted", "eligible", "payable", "paid"}
STANDING = COUNTING | {"ineligible"}
UNPAID = {"submitted", "eligible", "payable", "ineligible"}


class Ledger:
    """The state of everything at ``now``, and what may be done to it."""

    def __init__(self, prices):
        self.now = datetime.min.replace(tzinfo=UTC)
        self.prices = prices  # pence by provider and course
        self.statements = []
        self.declarations = []
        self.applications = []
        self.outcomes: Counter[str] = Counter()
        self.notifications = 0
        self._of_person = defaultdict(list)  # by person and course
        self._of_trn = defaultdict(list)
        self._of_provider = defaultdict(set)  # persons with an accepted application

    @property
    def today(self):
        return london_day(self.now)

    # Applications (rules 6)

    def add(self, application, accepted_at=None):
        """Take an imported application in, accepted as of an instant or pending."""
        self.applications.append(application)
        self._of_person[application.person.id, application.course].append(application)
        if application.person.trn:
            self._of_trn[application.person.trn, application.course].append(application)
        if accepted_at:
            self._accept(application, london_day(accepted_at))

    def accept(self, provider, application):
        if application.provider != provider:
            return NOT_FOUND
        others = self.same_person(application)
        if application.status != "pending" or any(it.holds_course for it in others):
            return {"base"}
        self._accept(application, self.today)
        return set()

    def reject(self, provider, application):
        if application.provider != provider:
            return NOT_FOUND
        if application.status != "pending":
            return {"base"}
        application.status = "rejected"
        return set()

    def _accept(self, application, day):
        (schedule,) = (it for it in SCHEDULES.values() if it.takes(application.course, day))
        application.status, application.training = "accepted", "active"
        application.schedule = schedule.identifier
        self._of_provider[application.provider].add(application.person.id)
        for sibling in self._of_person[application.person.id, application.course]:
            if sibling.status == "pending":
                sibling.status = "rejected"

    def same_person(self, application):
        """Every application for the course of this person, whatever the record."""
        person, course = application.person, application.course
        if person.trn:
            return self._of_trn[person.trn, course]
        return self._of_person[person.id, course]

    def enrolment(self, provider, person, course):
        """The accepted application that a course names, one not withdrawn first (rules 7.1)."""
        held = [
            it
            for it in self._of_person[person.id, course]
            if it.provider == provider and it.status == "accepted"
        ]
        return min(held, key=lambda it: it.training == "withdrawn", default=None)

    def has(self, provider, person):
        return person.id in self._of_provider[provider]

    # Training (rules 7)

    def withdraw(self, provider, person, course, *, reason_is_known=True):
        def change(enrolment):
            enrolment.training = "withdrawn"
            enrolment.withdrawn_at = self.now.replace(microsecond=0)
            if enrolment.left_before_cut_off:
                for declaration in enrolment.declarations:
                    if declaration.state in UNPAID:
                        declaration.state, declaration.paid_on = "ineligible", None

        return self._train(
            provider, person, course, {"active", "deferred"}, change, reason_is_known
        )

    def defer(self, provider, person, course, *, reason_is_known=True):
        def change(enrolment):
            enrolment.training = "deferred"

        return self._train(provider, person, course, {"active"}, change, reason_is_known)

    def resume(self, provider, person, course):
        def change(enrolment):
            enrolment.training = "active"

        return self._train(provider, person, course, {"deferred"}, change)

    def _train(self, provider, person, course, allowed, change, reason_is_known=True):
        if not self.has(provider, person):
            return NOT_FOUND
        enrolment = self.enrolment(provider, person, course)
        wrong = set() if reason_is_known else {"reason"}
        if enrolment is None:
            wrong.add("course_identifier")
        elif enrolment.training not in allowed:
            wrong.add("base")
        if not wrong:
            change(enrolment)
        return wrong

    def change_schedule(self, provider, person, course, identifier, *, cohort=None):
        if not self.has(provider, person):
            return NOT_FOUND
        enrolment = self.enrolment(provider, person, course)
        if enrolment is None:
            return {"course_identifier"}
        wrong = {"base"} if enrolment.training == "withdrawn" else set()
        if cohort not in {None, "2021"}:
            return wrong | {"cohort"}
        schedule = SCHEDULES.get(identifier)
        if schedule is None or not self._can_move(enrolment, schedule):
            wrong.add("schedule_identifier")
        if not wrong:
            enrolment.schedule = identifier
        return wrong

    def _can_move(self, enrolment, schedule):
        counting = [it for it in enrolment.declarations if it.state in COUNTING]
        return (
            schedule.group == GROUP_OF[enrolment.course]
            and schedule.identifier != enrolment.schedule
            and all(it.type in schedule.types for it in counting)
            and all(it.instant >= start_of(schedule.starts) for it in counting)
        )

    # Declarations (rules 8)

    def declare(self, provider, person, course, type_, instant, has_passed=None):
        """Return the titles, and the declaration that is answered when there are none."""
        needs_has_passed = type_ == "completed" and has_outcomes(course)
        has_passed = has_passed if needs_has_passed else None
        wrong = {"has_passed"} if needs_has_passed and has_passed is None else set()
        if not wrong:
            for it in self._declared(person, course, type_):
                same = (it.provider, it.instant, it.has_passed) == (provider, instant, has_passed)
                if same and it.state in STANDING:
                    return set(), it
        if instant > self.now:
            wrong.add("declaration_date")
        enrolment = self.enrolment(provider, person, course)
        if not self.has(provider, person):
            wrong.add("participant_id")
        elif enrolment is None:
            wrong.add("course_identifier")
        else:
            wrong |= self._wrong_for(enrolment, type_, instant)
        if wrong:
            return wrong, None
        return set(), self._record(Declaration(enrolment, type_, instant, has_passed))

    def _declared(self, person, course, type_):
        return [
            it
            for application in self._of_person[person.id, course]
            for it in application.declarations
            if it.type == type_
        ]

    def _wrong_for(self, enrolment, type_, instant):
        wrong, schedule = set(), SCHEDULES[enrolment.schedule]
        if type_ not in schedule.types:
            wrong.add("declaration_type")
        if instant < start_of(schedule.starts):
            wrong.add("declaration_date")
        if enrolment.withdrawn_at and instant >= enrolment.withdrawn_at:
            wrong.add("declaration_date")
        for it in self._declared(enrolment.person, enrolment.course, type_):
            if it.state in (STANDING if it.application is enrolment else COUNTING):
                wrong.add("base")
        return wrong

    def _record(self, declaration):
        application = declaration.application
        declaration.is_duplicate = any(
            it.type == declaration.type and it.state in COUNTING
            for other in self.same_person(application)
            if other.person is not application.person
            for it in other.declarations
        )
        if declaration.is_duplicate or application.left_before_cut_off:
            declaration.state = "ineligible"
        elif application.funded:
            declaration.state = "eligible"
            declaration.paid_on = self._open_statement(declaration.provider)
        else:
            declaration.state = "submitted"
        application.declarations.append(declaration)
        self.declarations.append(declaration)
        if declaration.has_passed is not None:
            state = "passed" if declaration.has_passed else "failed"
            self._write_outcome(declaration, state, london_day(declaration.instant))
        return declaration

    def void(self, provider, declaration):
        if declaration.provider != provider:
            return NOT_FOUND
        if declaration.state == "paid":
            declaration.state = "awaiting-clawback"
            declaration.taken_back_on = self._open_statement(provider)
        elif declaration.state in UNPAID:
            declaration.state, declaration.paid_on = "voided", None
        else:
            return {"base"}
        if declaration.outcome and declaration.outcome[0] != "voided":
            former, day = declaration.outcome
            self._write_outcome(declaration, "voided", day)
            self.notifications += former == "passed"
        return set()

    # Outcomes (rules 9)

    def post_outcome(self, provider, person, course, state, day):
        if not self.has(provider, person):
            return NOT_FOUND
        wrong = set() if state in {"passed", "failed"} else {"state"}
        if day > self.today:
            wrong.add("completion_date")
        enrolment = self.enrolment(provider, person, course)
        if enrolment is None or not has_outcomes(course):
            return wrong | {"course_identifier"}
        completed = [
            it for it in enrolment.declarations if it.type == "completed" and it.state in STANDING
        ]
        if not completed:
            return wrong | {"base"}
        if not wrong and completed[0].outcome != (state, day):
            self._write_outcome(completed[0], state, day)
        return wrong

    def _write_outcome(self, declaration, state, day):
        declaration.outcome = (state, day)
        self.outcomes[state] += 1

    # Statements (rules 10)

    def open_statement(self, provider, period, deadline):
        """Open it and let it take on what waits."""
        statement = Statement(provider, period, deadline)
        self.statements.append(statement)
        takes = self._open_statement(provider)
        for it in self.declarations:
            if it.provider == provider and it.state == "eligible":
                it.paid_on = it.paid_on or takes
            if it.provider == provider and it.state == "awaiting-clawback":
                it.taken_back_on = it.taken_back_on or takes
        return statement

    def make_payable(self, as_of):
        for statement in self.statements:
            if statement.state == "open" and statement.deadline < as_of:
                statement.state = "payable"
                for it in self.declarations:
                    if it.paid_on is statement and it.state == "eligible":
                        it.state = "payable"

    def mark_paid(self, statement):
        statement.state = "paid"
        for it in self.declarations:
            if it.paid_on is statement and it.state == "payable":
                it.state, it.pence = "paid", self._worth(it)
            if it.taken_back_on is statement and it.state == "awaiting-clawback":
                it.state = "clawed-back"

    def _open_statement(self, provider):
        """Find the open one with the earliest deadline that is today or later (rules 10.4)."""
        taking = [
            it
            for it in self.statements
            if it.provider == provider and it.state == "open" and it.deadline >= self.today
        ]
        return min(taking, key=lambda it: it.deadline, default=None)

    def _worth(self, declaration):
        """Its share in pence: each type's running total rounds half a penny up (rules 10.8)."""
        application = declaration.application
        price = self.prices.get((application.provider, application.course))
        if price is None:
            return None
        types = SCHEDULES[application.schedule].types
        number = types.index(declaration.type)
        before, after = (
            (2 * price * count + len(types)) // (2 * len(types)) for count in (number, number + 1)
        )
        return after - before

    # Totals

    def totals(self):
        """Count everything that the service is asked for at the end."""
        return {
            "declarations by state": Counter(it.state for it in self.declarations),
            "payments": lines((it.paid_on, it) for it in self.declarations),
            "refunds": lines((it.taken_back_on, it) for it in self.declarations),
            "statements": {it.id: self._sums(it) for it in self.statements},
            "applications": Counter((it.status, it.training) for it in self.applications),
            "outcomes": self.outcomes,
            "notifications": {"sent": self.notifications},
        }

    def _sums(self, statement):
        """Return the state of a statement, its declarations, refunds and total in pence."""
        paid = [it for it in self.declarations if it.paid_on is statement]
        refunded = [it for it in self.declarations if it.taken_back_on is statement]
        worth = [it.pence if statement.state == "paid" else self._worth(it) for it in paid]
        back = [it.pence for it in refunded]
        total = None if None in worth + back else sum(worth) - sum(back)
        return statement.state, len(paid), len(refunded), total


def lines(places):
    """Count declarations, those with a price, and pence by statement, course and type."""
    counted: dict[tuple[str, str, str], tuple[int, int, int]] = {}
    for statement, it in places:
        if statement is not None:
            line = (statement.id, it.application.course, it.type)
            count, priced, pence = counted.get(line, (0, 0, 0))
            counted[line] = count + 1, priced + (it.pence is not None), pence + (it.pence or 0)
    return counted
