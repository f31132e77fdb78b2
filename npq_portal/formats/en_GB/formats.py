"""Times with the name of their zone, so that GMT and BST are told apart (rules 13.9)."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i T"
