"""What the apps above are told about applications.

Sent with ``send`` inside the transaction of the change, so a receiver that fails undoes it.
"""

from django.dispatch import Signal

application_changed = Signal()
"""Sent when the facts that payment hangs on may have changed (funding, training, schedule).

Carries ``application`` (locked by the sender), ``by`` (Actor), ``at`` (UTC instant) and
``reason`` (a sentence for the history)."""

application_reassigned = Signal()
"""Sent when an application is another record's, another provider's or for another course.

What hangs on it is then shown to others, or otherwise. Carries ``application`` (locked by the
sender) and ``at`` (UTC instant)."""
