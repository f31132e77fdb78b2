"""What is measured rather than asserted: run ``make bench``."""
