"""What commands say of settings that are missing (rules 12.1)."""

import os
import subprocess
import sys


def test_a_missing_secret_key_is_told_in_one_sentence():
    ran = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=os.environ | {"SECRET_KEY": "", "DJANGO_SETTINGS_MODULE": "npq_portal.settings"},
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.splitlines() == [
        "SECRET_KEY is not set. Set it to a long random text, in the environment or in .env."
    ]


def test_names_of_hosts_lose_the_blanks_around_them():
    show = "from django.conf import settings; print(settings.ALLOWED_HOSTS)"
    hosts = {"ALLOWED_HOSTS": "a.example, b.example", "SECRET_KEY": "of-this-test-alone"}
    ran = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", show],
        env=os.environ | hosts | {"DJANGO_SETTINGS_MODULE": "npq_portal.settings"},
        capture_output=True,
        text=True,
    )
    assert ran.stdout == "['a.example', 'b.example']\n"
