"""Declarations and the statements they are paid on."""
