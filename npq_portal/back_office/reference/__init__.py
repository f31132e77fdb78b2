"""The pages on which staff add and edit reference data: form, preview, confirmation (14.13)."""
