"""What other apps are told about lead providers.

Sent with ``send`` inside the transaction of the change, so a receiver that fails undoes it.
"""

from django.dispatch import Signal

lead_provider_created = Signal()
"""Sent with ``lead_provider``, ``by`` (Actor) and ``at`` (UTC instant)."""
