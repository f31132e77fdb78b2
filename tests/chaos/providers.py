"""Providers' clients that send what they have to until they are answered, or give up."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Thread

import httpx

from tests.chaos.processes import PATIENCE

COURSE = "npq-senior-leadership"
GIVES_UP = 0.3
"""How likely a client is to leave it at a request that was not answered."""

NOT_ANSWERED = {None, 429, 503}
"""Statuses that leave it open whether, or say that nothing, was done; None is a lost connection."""


@dataclass(frozen=True)
class Step:
    """A write request, and what it leaves in the records when it is done once.

    Where the next step ``undoes`` it, the same request would be a new one (rules 16.5).
    """

    effects: tuple[str, ...]
    method: str
    path: str
    attributes: dict[str, str] | None = None
    undone: bool = False

    @property
    def answer_to_copies(self):
        """The status of a copy of what was done: the record again, or that it is done (16.5)."""
        return 200 if self.path.endswith(("/participant-declarations", "/outcomes")) else 422


def decide(action, effect):
    return Step((effect,), "POST", f"/npq-applications/{{application}}/{action}")


def train(action, effect, *, undone=False, **attributes):
    attributes = {"course_identifier": COURSE, **attributes}
    return Step((effect,), "PUT", f"/participants/npq/{{participant}}/{action}", attributes, undone)


def declare(kind, *more_effects, undone=False, **attributes):
    attributes = {
        "participant_id": "{participant}",
        "declaration_type": kind,
        "declaration_date": "{now}",
        "course_identifier": COURSE,
        **attributes,
    }
    return Step((kind, *more_effects), "POST", "/participant-declarations", attributes, undone)


ACCEPT = decide("accept", "accepted")
DEFER = {"action": "defer", "effect": "deferred", "reason": "other"}
FAIL = {"course_identifier": COURSE, "state": "failed", "completion_date": "{yesterday}"}
PASSED = ("completed", "outcome passed")
VOIDED = ("declaration voided", "outcome voided", "notification")

STORIES = (
    (
        ACCEPT,
        declare("started"),
        declare("retained-1"),
        declare(*PASSED, has_passed="true"),
        Step(("outcome failed",), "POST", "/participants/npq/{participant}/outcomes", FAIL),
    ),
    (
        ACCEPT,
        declare(*PASSED, has_passed="true", undone=True),
        Step(VOIDED, "PUT", "/participant-declarations/{declaration}/void"),
    ),
    (ACCEPT, declare("started"), train("withdraw", "withdrawn", reason="other")),
    (ACCEPT, train(**DEFER), declare("started")),
    (ACCEPT, train(**DEFER, undone=True), train("resume", "resumed")),
    (decide("reject", "rejected"),),
)


@dataclass
class Sent:
    """A step that was sent, once or more often; ``record`` is what was answered in the end.

    It ``is_done`` without a record when a repetition was told so.
    """

    step: Step
    statuses: list[int | None] = field(default_factory=list)
    record: dict | None = None
    is_done: bool = False


class Case:
    """One application, and what its provider sent about it."""

    def __init__(self, prepared, story):
        now = datetime.now(UTC)
        self.provider, participant, self.application = prepared
        self.story = story
        self.sent: list[Sent] = []
        self._values = {
            "participant": participant,
            "application": self.application,
            "now": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "yesterday": f"{now - timedelta(days=1):%Y-%m-%d}",
        }

    def request_of(self, step):
        """Return method, path and body of a step, always the same."""
        records = [it.record for it in self.sent if it.record]
        declarations = [it["id"] for it in records if it["type"] == "participant-declaration"]
        values = {**self._values, "declaration": (declarations or [None])[-1]}
        attributes = {key: text.format(**values) for key, text in (step.attributes or {}).items()}
        path = f"/api/v1{step.path.format(**values)}"
        return step.method, path, json.dumps({"data": {"attributes": attributes}})

    def repeatable(self):
        """Return what was sent, less what was undone since, which would be done anew."""
        return [it for it in self.sent if not it.step.undone or it is self.sent[-1]]


class Client(Thread):
    """A thread that goes through cases until there are none left or it is told to stop.

    ``surprises`` are answers that no fault accounts for.
    """

    def __init__(self, portal, token, cases, chance, stop):
        super().__init__()
        self.surprises = []
        self._cases, self._chance, self._stop_sending = cases, chance, stop
        self._http = httpx.Client(
            base_url=f"http://{portal.address}",
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            timeout=PATIENCE,
            trust_env=False,
        )

    def run(self):
        with self._http:
            for case in self._cases:
                if self._stop_sending.is_set():
                    return
                self._tell(case)

    def send(self, case, step):
        """Send a step; return status and record, None and None where nothing came back."""
        method, path, body = case.request_of(step)
        try:
            answer = self._http.request(method, path, content=body)
        except httpx.TransportError:
            return None, None
        return answer.status_code, answer.json().get("data")

    def _tell(self, case):
        for step in case.story:
            sent = Sent(step)
            case.sent.append(sent)
            while not sent.is_done:
                status, sent.record = self.send(case, step)
                sent.statuses.append(status)
                repeated = len(sent.statuses) > 1  # a try of unknown fate may have been heard
                sent.is_done = status == 200 or (repeated and status == step.answer_to_copies)
                if not sent.is_done and not self._goes_on(sent):
                    return

    def _goes_on(self, sent):
        if sent.statuses[-1] not in NOT_ANSWERED:
            self.surprises.append(sent)
            return False
        return self._chance.random() > GIVES_UP and not self._stop_sending.wait(0.1)


class Replay(Client):
    """A client that sends everything again that was sent about its cases."""

    def _tell(self, case):
        for sent in case.repeatable():
            status, record = self.send(case, sent.step)
            as_due = status in ({sent.step.answer_to_copies} if sent.is_done else {200, 422})
            same = not (record and sent.record) or record["id"] == sent.record["id"]
            if not (as_due and same):
                self.surprises.append((sent, status, record))
