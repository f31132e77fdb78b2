"""What all endpoints share: authentication, the wire format, lists and errors (rules 3)."""
