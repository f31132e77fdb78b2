"""What other apps are told about declarations.

Sent with ``send`` inside the transaction of the change, so a receiver that fails undoes it.
"""

from django.dispatch import Signal

completion_declared = Signal()
"""Sent with a new completed ``declaration`` that has ``has_passed``; and as below."""

declaration_voided = Signal()
"""Sent with the ``declaration`` taken back, paid before or not.

Both carry ``by`` (Actor), ``at`` (UTC) and the ``reason`` in the declaration's history."""

declarations_relisted = Signal()
"""Sent when those of an ``application``, locked by the sender, have come into other lists."""
