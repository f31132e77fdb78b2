"""What a portal's processes take while they run, minute by minute, and what grew."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

GROWTH = 3.0
"""By how many megabytes the memory of a process may have grown from the middle to the end."""

SLOWER = 1.5
"""How many times as long answers may take in the end."""


@dataclass(frozen=True)
class Memory:
    """Megabytes of a process: its resident set, and its proportional one, as Linux calls them."""

    rss: float
    pss: float

    def __str__(self) -> str:
        return f"{self.rss:.1f}/{self.pss:.1f}"


def memory_of(process: int) -> Memory | None:
    """Return the memory of a process by its id, None when there is no such process any more."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return None
    kilobytes = {name: int(size.split()[0]) for name, size in (it.split(":") for it in lines)}
    return Memory(kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024)


@dataclass(frozen=True)
class Minute:
    """What was so at the end of a minute, and how long its answers took in ``seconds``."""

    seconds: list[float]
    memory: dict[str, Memory]
    connections: int
    journal: int

    def milliseconds(self, share: float) -> float:
        """Return what this share of the answers took at most, infinity without any answer."""
        ordered = sorted(self.seconds)
        return ordered[int(share * (len(ordered) - 1))] * 1000 if ordered else math.inf

    def p50(self) -> float:
        """Return the milliseconds that half of the answers took at most."""
        return self.milliseconds(0.5)

    def p95(self) -> float:
        """Return the milliseconds that 95 in a hundred answers took at most."""
        return self.milliseconds(0.95)

    def __str__(self) -> str:
        processes = ", ".join(f"{name} {memory}" for name, memory in self.memory.items())
        return (
            f"{len(self.seconds):8} {self.p50():5.0f} {self.p95():5.0f}"
            f" {self.milliseconds(1):6.0f} {self.connections:11} {self.journal:8}  {processes}"
        )


HEADING = "minute requests   p50   p95    max connections  journal  RSS/PSS in MB"
"""What is above the lines that tell each minute; times are in milliseconds."""


@dataclass(frozen=True)
class Comparison:
    """A figure of the beginning and of the end, and the most that it may be in the end."""

    what: str
    before: float
    after: float
    most: float

    @property
    def holds(self) -> bool:
        """Say whether it is no more in the end."""
        return self.after <= self.most

    def __str__(self) -> str:
        return (
            f"{self.what}: {self.before:.1f} before, {self.after:.1f} in the end,"
            f" at most {self.most:.1f} allowed"
        )


def comparisons(minutes: Sequence[Minute]) -> Iterator[Comparison]:
    """Compare medians of the last third of the minutes with those of earlier ones.

    For times these are the second sixth, for memory the middle third: until then the threads of a
    process come into use one after the other, and each fills its own part of the memory and has its
    own connection. A process that was not there all that time is left out.
    """
    count = len(minutes)
    early = minutes[count // 6 : max(count // 3, count // 6 + 1)]
    middle = minutes[count // 3 : max(2 * count // 3, count // 3 + 1)]
    late = minutes[-max(count // 3, 1) :]
    for what, of in (("p50", Minute.p50), ("p95", Minute.p95)):
        before, after = (median(map(of, some)) for some in (early, late))
        yield Comparison(f"milliseconds of {what}", before, after, before * SLOWER)
    for name in (it for it in middle[0].memory if it in late[-1].memory):
        before, after = (median(it.memory[name].rss for it in some) for some in (middle, late))
        yield Comparison(f"MB of {name}", before, after, before + GROWTH)


def ended(minutes: Sequence[Minute]) -> list[str]:
    """Return the processes that were there in a minute and not in the next."""
    return [
        name
        for earlier, later in pairwise(minutes)
        for name in earlier.memory
        if name not in later.memory
    ]
