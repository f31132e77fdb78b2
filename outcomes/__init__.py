"""Outcomes and the notifications they cause."""
