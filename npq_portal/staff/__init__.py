"""Who may what in the back office, and how they log in (rules 13.1 to 13.3)."""
