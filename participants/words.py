"""The words that a person is found by, with case, accents and punctuation folded (rules 13.6).

Neither database folds accents by itself, and SQLite folds the case of ASCII alone.
"""

import re
from collections.abc import Iterator
from unicodedata import category, normalize

LONGEST = 64
"""Characters of a word that are kept and compared; nobody types more of one."""

MOST = 8
"""Words of a question that are looked for."""

_ALPHANUMERIC = re.compile(r"[^\W_]+")

_UNMARKED = str.maketrans(
    {
        "æ": "ae", "ð": "d", "đ": "d", "ə": "a", "ħ": "h", "\u0131": "i", "ł": "l", "ŋ": "n",
        "ø": "o", "œ": "oe", "þ": "th", "ŧ": "t", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y",
    }
)  # fmt: skip
"""Letters that don't decompose, as keyboards without them write them; i without a dot is one."""


def fold(text: str) -> str:
    """Return ``text`` in small letters without accents, as "siân Ø" gives "sian o"."""
    if text.isascii():
        return text.lower()
    return "".join(map(_plain, normalize("NFKD", text))).casefold().translate(_UNMARKED)


def words_of(*, full_name: str, email: str, trn: str | None) -> set[str]:
    """Return what somebody is found by: each word of the name, the e-mail address and the TRN.

    A word of several parts, as O'Neill or Smith-Jones, is found by its later parts too.
    """
    words = {tail for word in fold(full_name).split() for tail in _tails(word)}
    words.add(_compact(fold(email)))
    words.add(trn or "")
    return {it[:LONGEST] for it in words if it}


def words_asked_for(question: str) -> list[str]:
    """Return the beginnings of words that ``question``, from a search box, looks for."""
    compact = (_compact(it)[:LONGEST] for it in fold(question).split())
    return list(dict.fromkeys(it for it in compact if it))[:MOST]


def _plain(character: str) -> str:
    kind = category(character)
    if kind.startswith("M"):
        return ""
    # Modifier letters are written as apostrophes: the okina, or what Ukrainian types for one.
    return "'" if kind == "Lm" else character


def _tails(word: str) -> Iterator[str]:
    parts = _ALPHANUMERIC.findall(word)
    for first in range(len(parts)):
        yield "".join(parts[first:])


def _compact(word: str) -> str:
    return "".join(_ALPHANUMERIC.findall(word))
