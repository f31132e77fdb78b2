from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef, Subquery

PAID = ("paid", "awaiting-clawback", "clawed-back")
MOVES = ("schedule-changed", "course-changed", "reverted")


def tell(apps: Any, _schema_editor: Any) -> None:
    """Let what was paid tell the course and the schedule that its application had then."""
    paid = apps.get_model("declarations", "Declaration").objects.filter(state__in=PAID)
    own = apps.get_model("participants", "Application").objects.filter(
        pk=OuterRef("application_id")
    )
    paid.update(
        paid_course_id=Subquery(own.values("course_id")[:1]),
        paid_schedule_id=Subquery(own.values("schedule_id")[:1]),
    )
    _tell_what_moved_since(apps, paid)


def _tell_what_moved_since(apps: Any, paid: Any) -> None:
    payments = apps.get_model("declarations", "StatementEvent").objects.filter(
        statement=OuterRef("statement"), to_state="paid"
    )
    moves = apps.get_model("participants", "ApplicationEvent").objects.filter(kind__in=MOVES)
    since = moves.filter(application=OuterRef("application"), at__gte=OuterRef("paid_at"))
    rows = paid.annotate(paid_at=Subquery(payments.values("at")[:1])).filter(Exists(since))
    kept = {"course": _courses(apps), "schedule": _schedules(apps)}
    for pk, application, paid_at in list(rows.values_list("pk", "application", "paid_at")):
        later = moves.filter(application=application, at__gte=paid_at).order_by("id")
        befores = list(later.values_list("before", flat=True))
        for name, ids in kept.items():
            # What the first change replaced is what there was at payment.
            was = next((it[name] for it in befores if name in it), None)
            if was in ids:
                paid.filter(pk=pk).update(**{f"paid_{name}_id": ids[was]})


def _courses(apps: Any) -> dict[str, int]:
    return dict(apps.get_model("schedules", "Course").objects.values_list("identifier", "pk"))


def _schedules(apps: Any) -> dict[str, int]:
    rows = apps.get_model("schedules", "Schedule").objects.values_list(
        "identifier", "cohort__start_year", "pk"
    )
    return {f"{identifier} ({year})": pk for identifier, year, pk in rows}


class Migration(migrations.Migration):
    # Apart from the columns, which PostgreSQL does not add to a table with changes in hand.
    dependencies = [("declarations", "0008_what_was_paid")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop, elidable=True)]
