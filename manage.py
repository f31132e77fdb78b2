#!/usr/bin/env python
"""Run an operator's command."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "npq_portal.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        # Commands write in transactions: what was not finished is undone (rules 11.1).
        sys.exit("Interrupted.")


if __name__ == "__main__":
    main()
