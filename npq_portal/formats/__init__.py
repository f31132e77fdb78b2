"""How dates and times are written for people; Django looks here for a folder per language."""
