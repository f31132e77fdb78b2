"""The pages on which staff correct records: form, preview, confirmation, undo (rules 14.13 on)."""
