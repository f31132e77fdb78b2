"""What is measured rather than asserted: run ``make bench`` or ``make soak``."""
