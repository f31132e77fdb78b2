"""What the back office keeps of its own: requests, integrity checks, corrections and files."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from npq_portal.clock import london_time
from npq_portal.history import HistoryRow
from npq_portal.identifiers import new_id
from npq_portal.providers.models import ApiToken, LeadProvider
from participants.models import Participant


class ProviderRequestQuerySet(models.QuerySet["ProviderRequest"]):
    """How the journal is asked."""

    def older_than(self, instant: datetime) -> "ProviderRequestQuerySet":
        """Keep those that came before ``instant``."""
        return self.filter(at__lt=instant)


class ProviderRequest(models.Model):
    """One write request of a provider and what it was answered, kept for a time (rules 13.5).

    ``at`` is when it came (UTC). ``participant`` is whom it names, whatever provider they are
    with; null when it names nobody who is known. ``path`` has the query. No text holds a secret.
    """

    class Method(models.TextChoices):
        """The methods that may change something."""

        POST = "POST", "POST"
        PUT = "PUT", "PUT"
        PATCH = "PATCH", "PATCH"
        DELETE = "DELETE", "DELETE"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, related_name="+")
    lead_provider = models.ForeignKey(
        LeadProvider, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # No constraint: checking it would wait for whoever holds the participant's row, and so would
    # the answer.
    participant = models.ForeignKey(
        Participant,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    method = models.CharField(max_length=10, choices=Method.choices)
    path = models.CharField(max_length=2000)
    status = models.PositiveSmallIntegerField()
    request_id = models.CharField("request ID", max_length=100)
    body = models.TextField(blank=True)
    body_is_cut = models.BooleanField("body was longer", default=False)
    answer = models.TextField(blank=True)
    answer_is_cut = models.BooleanField("answer was longer", default=False)

    objects = ProviderRequestQuerySet.as_manager()

    class Meta:
        ordering = ("at", "id")
        default_permissions = ("view",)
        constraints = (
            models.CheckConstraint(
                name="provider_request_method_writes",
                condition=Q(method__in=["POST", "PUT", "PATCH", "DELETE"]),
            ),
        )
        indexes = (
            models.Index(fields=("at",), name="provider_request_at"),
            models.Index(fields=("lead_provider", "at"), name="provider_request_of_provider"),
            models.Index(fields=("participant", "at"), name="provider_request_about"),
            models.Index(fields=("method", "at"), name="provider_request_method"),
            models.Index(fields=("status", "at"), name="provider_request_status"),
            models.Index(fields=("request_id",), name="provider_request_id"),
            models.Index(fields=("path",), name="provider_request_path"),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.status}"


class IntegrityCheck(models.Model):
    """One run of ``check_integrity``: when (UTC), how much was wrong, and the first of it."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    findings = models.PositiveIntegerField()
    first_findings = models.JSONField(default=list, help_text="One sentence each.")

    class Meta:
        ordering = ("-started_at", "-id")
        default_permissions = ("view",)
        constraints = (
            models.CheckConstraint(
                name="integrity_check_ends_after_start",
                condition=Q(ended_at__gte=F("started_at")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.findings} found wrong"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """How corrections are asked for."""

    def standing(self) -> "CorrectionQuerySet":
        """Keep what was neither undone nor made to undo another (rules 14.14)."""
        return self.filter(undoes__isnull=True, undone_by__isnull=True)


class Correction(HistoryRow):
    """A correction that a member of staff previewed and confirmed (rules 14.13, 14.14).

    ``record_id`` is what it was about: the participant or one of their applications.
    ``opposite_kind`` and ``opposite_values`` are the correction that would undo it, an empty kind
    where there is none, and ``picture_after`` the fingerprint of what was so of the person then.
    """

    kind = models.CharField(max_length=40)
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="corrections"
    )
    record_id = models.UUIDField()
    values = models.JSONField(default=dict)
    opposite_kind = models.CharField(max_length=40, blank=True)
    opposite_values = models.JSONField(default=dict)
    picture_after = models.CharField(max_length=64)
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="undone_by"
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta(HistoryRow.Meta):
        default_permissions = ("view",)
        constraints = (  # type: ignore[assignment]
            *HistoryRow.Meta.constraints,
            models.CheckConstraint(
                name="correction_is_made_by_staff", condition=Q(staff__isnull=False)
            ),
            models.CheckConstraint(name="correction_has_a_reason", condition=~Q(reason="")),
        )
        indexes = (models.Index(fields=("record_id", "id"), name="correction_of_record"),)

    def __str__(self) -> str:
        return f"{self.kind.replace('-', ' ').capitalize()} at {london_time(self.at)}"


class CorrectionFileQuerySet(models.QuerySet["CorrectionFile"]):
    """How files of corrections are asked for."""

    def unconfirmed(self) -> "CorrectionFileQuerySet":
        """Keep those that have changed nothing so far, and can go without a trace."""
        return self.filter(confirmed_at__isnull=True)


class CorrectionFile(models.Model):
    """A file of corrections of one kind, checked row by row and then carried out (rules 14.16).

    ``name`` is what the file was called. Instants are UTC. The corrections are those of whoever
    confirmed, and all have the file's ``reason``.
    """

    class State(models.TextChoices):
        """How far a file has got; it never goes back.

        Rows are tried out one by one while it is being checked. Once it is checked somebody may
        confirm it, and it is carried out, until it is done.
        """

        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked"
        RUNNING = "running", "Being carried out"
        DONE = "done", "Done"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=40)
    reason = models.TextField()
    is_all_or_nothing = models.BooleanField("all or nothing")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKING)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = CorrectionFileQuerySet.as_manager()

    class Meta:
        ordering = ("uploaded_at", "id")
        default_permissions = ("view", "add")
        constraints = (
            models.CheckConstraint(name="correction_file_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="correction_file_is_carried_out_once_confirmed",
                condition=Q(
                    state__in=["checking", "checked"],
                    confirmed_at__isnull=True,
                    confirmed_by__isnull=True,
                )
                | Q(
                    state__in=["running", "done"],
                    confirmed_at__isnull=False,
                    confirmed_by__isnull=False,
                ),
            ),
        )
        indexes = (
            models.Index(fields=("uploaded_at", "id"), name="correction_file_uploaded"),
            models.Index(fields=("state", "uploaded_at"), name="correction_file_state"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_under_way(self) -> bool:
        """Whether there are rows to go on with."""
        return self.state in {self.State.CHECKING, self.State.RUNNING}


class CorrectionFileRow(models.Model):
    """One row of a file: which record, with what, what it would change, and what came of it.

    ``number`` counts as spreadsheets do, the header being row 1. ``values`` are the other cells by
    their columns. ``differences`` and ``fingerprint`` are those of the preview, ``refusals`` the
    sentences that say why not.
    """

    class State(models.TextChoices):
        """What is known of a row; the last three are for good.

        A waiting row was not tried out yet. A ready one was, and is carried out once the file is
        confirmed. A row of a file that is all or nothing is held back because of another one.
        """

        WAITING = "waiting", "Not checked yet"
        READY = "ready", "Ready"
        REFUSED = "refused", "Refused"
        DONE = "done", "Done"
        HELD_BACK = "held-back", "Held back"

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey(CorrectionFile, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    record_id = models.UUIDField()
    values = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    differences = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=64, blank=True)
    refusals = models.JSONField(default=list)
    correction = models.OneToOneField(
        Correction, on_delete=models.PROTECT, null=True, related_name="file_row"
    )

    class Meta:
        ordering = ("file", "number")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("file", "number"), name="correction_file_row_number_once"
            ),
            models.UniqueConstraint(
                fields=("file", "record_id"), name="correction_file_row_record_once"
            ),
            models.CheckConstraint(
                name="correction_file_row_done_has_a_correction",
                condition=Q(state="done", correction__isnull=False)
                | (~Q(state="done") & Q(correction__isnull=True)),
            ),
            models.CheckConstraint(
                name="correction_file_row_ready_was_previewed",
                condition=~Q(state="ready", fingerprint=""),
            ),
        )
        indexes = (
            models.Index(fields=("file", "state", "number"), name="correction_file_row_state"),
        )

    def __str__(self) -> str:
        return f"Row {self.number}"

    @property
    def changes(self) -> list[dict[str, str]]:
        """What it would change, or has changed: nothing unless it is ready or done."""
        if self.state in {self.State.READY, self.State.DONE}:
            return list(self.differences)
        return []

    @property
    def why_not(self) -> list[str]:
        """In words why it changes nothing, where that is settled."""
        if self.state == self.State.HELD_BACK:
            return ["Held back: the file is all or nothing, and another row was refused."]
        return list(self.refusals)
