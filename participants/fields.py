"""Stored copies of a text, made for comparing."""

from typing import Any

from django.db import models

from participants.words import fold


class FoldedField(models.CharField):
    """The case-folded copy of another field, kept at every save, to search and compare by."""

    def __init__(self, *args: Any, source: str, **kwargs: Any) -> None:
        self.source = source
        super().__init__(*args, **{**kwargs, "editable": False})

    def deconstruct(self) -> Any:
        """Return what a migration needs to build the field again."""
        name, path, args, kwargs = super().deconstruct()
        del kwargs["editable"]
        return name, path, args, {**kwargs, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Return the folded value of the source field, as it is about to be stored."""
        folded = self.fold(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, folded)
        return folded

    def fold(self, text: str) -> str:
        """Return ``text`` as it is compared."""
        return text.casefold()


class SortedField(FoldedField):
    """The copy of a name without case and accents, to put people in the order of the alphabet."""

    def fold(self, text: str) -> str:
        """Return ``text`` as it is sorted."""
        return fold(text)[: self.max_length]
