#!/usr/bin/env python
"""Run an operator's command."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "npq_portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import InterfaceError, OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        # Commands write in transactions: what was not finished is undone (rules 11.1).
        sys.exit("Interrupted.")
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except (InterfaceError, OperationalError) as error:
        from npq_portal.database import reason_of

        sys.exit(f"The database failed; what was not finished is undone: {reason_of(error)}")
    except ProgrammingError:
        from npq_portal.database import is_up_to_date

        if is_up_to_date():
            raise
        sys.exit("The database lacks what this release needs; run `migrate`, then try again.")
    except BrokenPipeError:
        # Whoever reads the output, such as `head`, has seen enough; nothing is left to be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
