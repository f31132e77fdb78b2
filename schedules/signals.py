"""What the apps above are told about schedules.

Sent with ``send`` inside the transaction of the change, so a receiver that fails undoes it.
"""

from django.dispatch import Signal

started_cut_off_changed = Signal()
"""Sent when the day moved by which leaving a schedule means not being paid for (rules 10.1).

Carries ``schedule`` (whose applications are locked by the sender), ``by`` (Actor), ``at`` (UTC
instant) and ``reason`` (a sentence for the history)."""
