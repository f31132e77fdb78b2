"""Participants, and the words that they are found by (rules 5.1 and 13.6)."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q, Subquery
from simple_history.models import HistoricalRecords

from npq_portal.bulk_create import bulk_create
from npq_portal.history import HistoryRow
from npq_portal.identifiers import new_id
from npq_portal.prepared import columns_of
from participants.fields import FoldedField, SortedField
from participants.words import LONGEST, words_asked_for, words_of


class ParticipantQuerySet(models.QuerySet["Participant"]):
    """How participants are asked for."""

    def sharing_validated_trn(self, participant: "Participant") -> "ParticipantQuerySet":
        """Keep the records that are the same person for certain: itself and its TRN's others."""
        same = Q(pk=participant.pk)
        if participant.validated_trn is not None:
            same |= Q(
                teacher_reference_number=participant.teacher_reference_number,
                teacher_reference_number_validated=True,
            )
        return self.filter(same)

    def of_person(self, participant_id: UUID) -> "ParticipantQuerySet":
        """Keep what ``sharing_validated_trn`` does of a participant, given by its id alone."""
        itself = Participant.objects.filter(
            pk=participant_id, teacher_reference_number_validated=True
        )
        return self.filter(
            Q(pk=participant_id)
            | Q(
                teacher_reference_number=Subquery(itself.values("teacher_reference_number")),
                teacher_reference_number_validated=True,
            )
        )

    def standing(self) -> "ParticipantQuerySet":
        """Keep the records that were not merged into another (rules 14.2)."""
        return self.filter(id_change__isnull=True)

    def found_by(self, question: str) -> "ParticipantQuerySet":
        """Keep those whom ``question`` finds (rules 13.6)."""
        return self.filter(people_found_by(question))

    @transaction.atomic
    def bulk_create(  # type: ignore[override] # as the manager passes them on
        self, objs: Iterable["Participant"], *args: Any, **options: Any
    ) -> list["Participant"]:
        """Create ``objs`` and the words that they are found by."""
        created: list[Any] = super().bulk_create(list[Any](objs), *args, **options)
        ParticipantWord.objects.add(created)
        return created


class Participant(models.Model):
    """A person on, or applying for, an NPQ; the same identifier in every endpoint."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    full_name = models.CharField(max_length=500)
    sorted_name = SortedField(source="full_name", max_length=200, default="")
    email = models.CharField("e-mail", max_length=320)
    folded_email = FoldedField(source="email", max_length=640, db_index=True)
    teacher_reference_number = models.CharField("TRN", max_length=7, null=True, blank=True)
    teacher_reference_number_validated = models.BooleanField("TRN validated", default=False)
    has_former_ids = models.BooleanField(
        default=False, editable=False, help_text="Whether other records were merged into this one."
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    history = HistoricalRecords(
        excluded_fields=["sorted_name", "folded_email", "has_former_ids"],
        history_change_reason_field=models.TextField(null=True),
    )

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        indexes = (
            models.Index(
                fields=("teacher_reference_number",),
                name="participant_validated_trn",
                condition=Q(teacher_reference_number_validated=True),
            ),
            models.Index(fields=("teacher_reference_number",), name="participant_trn"),
            models.Index(fields=("sorted_name", "id"), name="participant_in_alphabet"),
        )
        constraints = (
            models.CheckConstraint(
                name="participant_validated_trn_is_there",
                condition=Q(teacher_reference_number_validated=False)
                | Q(teacher_reference_number__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.full_name

    @transaction.atomic
    def save(self, *args: Any, **options: Any) -> None:
        """Save the person and, where they may have changed, the words they are found by."""
        super().save(*args, **options)
        saved = options.get("update_fields")
        if saved is None or not ParticipantWord.SOURCES.isdisjoint(saved):
            ParticipantWord.objects.renew(self)

    @property
    def validated_trn(self) -> str | None:
        """The teacher reference number once it is validated, else None."""
        return self.teacher_reference_number if self.teacher_reference_number_validated else None

    @property
    def survivor(self) -> "Participant":
        """Who is left of this record: itself, unless it was merged away (rules 14.2)."""
        change: ParticipantIdChange | None = getattr(self, "id_change", None)
        return self if change is None else change.survivor

    def words(self) -> set[str]:
        """Return the words that this person is found by (rules 13.6)."""
        return words_of(
            full_name=self.full_name, email=self.email, trn=self.teacher_reference_number
        )


class ParticipantIdChange(HistoryRow):
    """A record that was merged into another of the same person (rules 14.2).

    The old record stays as a shell without applications. ``survivor`` is where its applications
    are now, which differs from ``to_participant`` once that was merged away in turn.
    """

    from_participant = models.OneToOneField(
        Participant, on_delete=models.PROTECT, related_name="id_change"
    )
    to_participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    survivor = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="id_changes_into"
    )

    class Meta(HistoryRow.Meta):
        verbose_name = "change of a participant's id"
        verbose_name_plural = "changes of participants' ids"
        constraints = (  # type: ignore[assignment]
            *HistoryRow.Meta.constraints,
            models.CheckConstraint(
                name="participant_is_merged_into_another",
                condition=~Q(from_participant=F("to_participant"))
                & ~Q(from_participant=F("survivor")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_participant_id} into {self.to_participant_id}"


def people_found_by(question: str, person: str = "pk") -> Q:
    """Return what keeps the rows of those who have, for each word asked, one that begins so.

    ``person`` leads from the rows to the participant. Of a question without a letter or a digit
    it keeps nothing.
    """
    wanted = words_asked_for(question)
    found = Q() if wanted else Q(pk__in=[])
    for word in wanted:
        beginning_so = ParticipantWord.objects.filter(word__startswith=word)
        found &= Q((f"{person}__in", beginning_so.values("participant")))
    return found


def words_of_people(participants: Iterable[Participant]) -> Iterator[tuple[UUID, str]]:
    """Yield each word that one of ``participants`` is found by, after whose it is."""
    return ((it.pk, word) for it in participants for word in it.words())


class ParticipantWordQuerySet(models.QuerySet[Any]):
    """How the words that people are found by are kept."""

    def add(self, participants: Iterable[Participant]) -> None:
        """Write the words of new ``participants``."""
        rows = words_of_people(participants)
        bulk_create(ParticipantWord, columns_of(ParticipantWord), rows)

    def renew(self, participant: Participant) -> None:
        """Make the words of ``participant`` those of the present details."""
        known = self.filter(participant=participant)
        wanted, present = participant.words(), set(known.values_list("word", flat=True))
        if present - wanted:
            known.filter(word__in=present - wanted).delete()
        self.bulk_create(
            self.model(participant=participant, word=word) for word in wanted - present
        )


class ParticipantWord(models.Model):
    """A word that somebody is found by; kept with every save of the person (rules 13.6).

    The index serves prefixes on PostgreSQL whatever the collation, and holds all that is asked.
    """

    SOURCES = frozenset({"full_name", "email", "teacher_reference_number"})
    """The details of a participant from which words are made."""

    pk = models.CompositePrimaryKey("participant", "word")
    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    word = models.CharField(max_length=LONGEST)

    objects = ParticipantWordQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("word", "participant"),
                name="participant_word_begins",
                opclasses=("varchar_pattern_ops", "uuid_ops"),
            ),
        )

    def __str__(self) -> str:
        return self.word
