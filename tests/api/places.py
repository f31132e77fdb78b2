"""Every place for a value in a request, read from the description so that none is forgotten."""

import json
from copy import deepcopy
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.api.conftest import V1
from tests.api.test_description import operations, resolved

USUAL = {
    "participant_id": "00000000-0000-4000-8000-000000000000",
    "declaration_type": "completed",
    "declaration_date": "2022-01-15T09:00:00Z",
    "course_identifier": "npq-headship",
    "reason": "other",
    "schedule_identifier": "npq-leadership-autumn",
    "cohort": "2021",
    "state": "passed",
    "completion_date": "2022-01-20",
    "has_passed": None,
}
"""What every attribute may be, so that the one that is looked at is read to the end."""


class Place(NamedTuple):
    """A parameter of an operation, or an attribute of its body."""

    method: str
    path: str
    where: str
    name: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.name}"

    def url(self, value: str, identifier: Any) -> str:
        """Return the path below the base, with ``value`` here and ``identifier`` as any id."""
        encoded = quote(value.encode("utf-8", "surrogatepass"), safe="")
        of_path = encoded if self.where == "path" else str(identifier)
        query = f"?{quote(self.name)}={encoded}" if self.where == "query" else ""
        path = self.path.replace("{id}", of_path).replace("{participant_id}", of_path)
        return path.removeprefix(V1) + query

    def body(self, value: Any, **usual: Any) -> bytes:
        """Return a body with ``value`` here, and what is ``usual`` elsewhere."""
        attributes = deepcopy(USUAL) | usual
        if self.where == "body":
            attributes[self.name] = value
        document = {"data": {"type": "x", "attributes": attributes}}
        return b"" if self.method == "GET" else json.dumps(document).encode()


def _places():
    for (method, path), operation in operations().items():
        for parameter in operation.get("parameters", []):
            yield Place(method, path, parameter["in"], parameter["name"])
        content = operation.get("requestBody", {}).get("content", {})
        for kind in content.values():
            data = resolved(resolved(kind["schema"])["properties"]["data"])
            for name in resolved(data["properties"]["attributes"])["properties"]:
                yield Place(method, path, "body", name)


PLACES = sorted(set(_places()))
OPERATIONS = {
    f"{method} {path}": [it for it in PLACES if (it.method, it.path) == (method, path)]
    for method, path in sorted({(it.method, it.path) for it in PLACES})
}
