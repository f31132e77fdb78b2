"""Send what is still owed, hours later: ``python -m tests.chaos.settle``."""

from datetime import timedelta

import django
import time_machine


def main():
    """Send all that is due once every lease and every wait is over."""
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        call_command("send_notifications", once=True)


if __name__ == "__main__":
    main()
