"""Every route of the API, read from the URL configuration so that no new one is forgotten."""

import re
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

BASE = "api/v1/"
ID = "{id}"


class Route(NamedTuple):
    """A method and a path under the base; the path holds ``{id}`` where it takes one."""

    method: str
    path: str
    action: str

    @property
    def takes_id(self):
        return ID in self.path

    @property
    def collection(self):
        """What kind of record the id is of: the first word of the path."""
        return self.path.split("/")[1]

    def of(self, identifier):
        return self.path.replace(ID, str(identifier))


def _spellings(regular_expression):
    """Return the paths that a pattern stands for, written without a slash at the end."""
    path = re.sub(r"\(\?P<\w+>\[\^/\]\+\)", ID, regular_expression).replace(r"\.", ".")
    path = path.removeprefix("^").removesuffix("$").removesuffix("/?")
    either = ["s", ""] if "s?" in path else [""]
    spellings = ["/" + path.replace("s?", letter) for letter in either]
    for it in spellings:
        assert re.fullmatch(r"/[a-z/.{}-]+", it), f"{regular_expression} is read wrongly here"
    return spellings


def _patterns(resolver):
    for it in resolver.url_patterns:
        if isinstance(it, URLResolver):
            yield from _patterns(it)
        else:
            yield it


def _routes():
    for resolver in get_resolver().url_patterns:
        if not (isinstance(resolver, URLResolver) and str(resolver.pattern) == BASE):
            continue
        for pattern in _patterns(resolver):
            yield from _routes_of(pattern)


def _routes_of(pattern: URLPattern):
    actions: dict[str, str] = pattern.callback.actions  # type: ignore[attr-defined]
    for path in _spellings(str(pattern.pattern)):
        for method, action in actions.items():
            if method != "head":  # what GET answers, without its body
                yield Route(method.upper(), path, action)


ROUTES = sorted(_routes())
PATHS = sorted({it.path for it in ROUTES})
READING_A_BODY = [
    it
    for it in ROUTES
    if it.method != "GET" and it.action not in {"accept", "reject", "void"}  # rules 3.3
]
IGNORING_BODIES = [it for it in ROUTES if it.method != "GET" and it not in READING_A_BODY]


def named(routes):
    """Return the arguments of ``parametrize`` that name each test after its route."""
    return {
        "argnames": "route",
        "argvalues": routes,
        "ids": [f"{it.method} {it.path}" for it in routes],
    }
