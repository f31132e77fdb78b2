#!/usr/bin/env python
"""Run an operator's command."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "npq_portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import InterfaceError, OperationalError

    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        # Commands write in transactions: what was not finished is undone (rules 11.1).
        sys.exit("Interrupted.")
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except (InterfaceError, OperationalError) as error:
        from npq_portal.database import reason_of

        sys.exit(f"The database failed; what was not finished is undone: {reason_of(error)}")


if __name__ == "__main__":
    main()
