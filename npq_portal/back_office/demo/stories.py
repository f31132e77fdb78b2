"""What happens to the participants of the demo, told in days (rules 11.8).

Day 0 is the one on which the autumn schedules begin; the statements of ``dates`` decide which
declarations have been paid by now.
"""

from typing import NamedTuple

ACCEPTED = -20


class Step(NamedTuple):
    """What a provider does on a ``day``, and with which value."""

    day: int
    verb: str
    value: str = ""


class Story(NamedTuple):
    """One application's way; ``funded`` says who pays, ``applies_twice`` to two providers."""

    steps: tuple[Step, ...]
    funded: bool = True
    applies_twice: bool = False


def _accepted(*steps: Step, funded: bool = True, applies_twice: bool = False) -> Story:
    return Story((Step(ACCEPTED, "accept"), *steps), funded, applies_twice)


STARTED = Step(5, "declare", "started")
RETAINED = Step(95, "declare", "retained-1")

STORIES = (
    _accepted(
        STARTED, RETAINED, Step(170, "declare", "retained-2"), Step(260, "declare", "completed")
    ),
    _accepted(STARTED, RETAINED, Step(200, "fail"), Step(210, "outcome", "passed")),
    _accepted(STARTED, RETAINED, Step(200, "fail"), funded=False),
    _accepted(STARTED, Step(20, "withdraw", "started-in-error")),
    _accepted(STARTED, RETAINED, Step(120, "withdraw", "personal-reason-moving-school")),
    _accepted(STARTED, Step(60, "defer", "parental-leave")),
    _accepted(
        STARTED,
        Step(60, "defer", "long-term-sickness"),
        Step(130, "resume"),
        Step(140, "declare", "retained-1"),
    ),
    _accepted(STARTED, Step(6, "void", "started"), Step(8, "declare", "started")),
    _accepted(
        STARTED,
        Step(100, "void", "started"),
        Step(180, "declare", "started"),
        Step(240, "declare", "completed"),
        Step(250, "void", "completed"),
    ),
    _accepted(STARTED, Step(262, "void", "started")),
    _accepted(STARTED, Step(200, "declare", "completed"), Step(230, "void", "completed")),
    _accepted(STARTED, Step(245, "declare", "retained-1"), applies_twice=True),
    _accepted(
        Step(3, "move"),
        Step(70, "declare", "started"),
        Step(225, "declare", "completed"),
        Step(245, "void", "completed"),
    ),
    _accepted(),
    Story(()),
    Story((Step(ACCEPTED, "reject"),)),
)
"""Every state of applications, training, declarations and outcomes comes up in these."""

DUPLICATED = _accepted(STARTED, Step(100, "withdraw", "change-in-school-circumstances"))
DUPLICATE = Story((Step(110, "accept"), Step(115, "declare", "started")))
"""The same person under a second record, with another provider: declared twice, paid once."""
