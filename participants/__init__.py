"""Participants, their applications and their training."""
