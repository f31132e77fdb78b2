"""When a member of staff may become another (rules 13.1)."""

from collections.abc import Collection

from django.contrib.auth.models import Group, User
from django.db.models import Q

from npq_portal.errors import BASE, ErrorCode, Refusal, Refused
from npq_portal.fingerprints import fingerprint
from npq_portal.staff.roles import ADMINISTRATOR

CHANGED = Refusal(
    BASE,
    ErrorCode.CHANGED_MEANWHILE,
    "Somebody changed this member of staff since you opened the page, so nothing was saved. Open"
    " the page again to see how they are now, and make your change there.",
)
TAKEN = Refusal(
    "email", ErrorCode.EXISTS_ALREADY, "Another member of staff has this e-mail address."
)
LAST = Refusal(
    BASE,
    ErrorCode.LAST_ADMINISTRATOR,
    "Nobody else is an active administrator, so nobody could manage staff any more. Make somebody"
    " else an administrator first.",
)


def fingerprint_of(member: User) -> str:
    """Return what is the same while all that their page lets change of a member is the same."""
    roles = sorted(group.name for group in member.groups.all())
    names = (member.username, member.first_name, member.last_name, member.email)
    return fingerprint([names, member.is_active, roles])


def lock_staff() -> None:
    """Let nobody else be added or changed until the transaction ends, which is the caller's.

    One lock for all: of two administrators who demote each other, one comes second.
    """
    Group.objects.select_for_update(no_key=True).get(name=ADMINISTRATOR)


def lock_and_read(member: User) -> None:
    """Read a member anew, and keep them as they are until the caller's transaction ends."""
    member.refresh_from_db(from_queryset=User.objects.select_for_update(no_key=True))


def check_address(email: str, *, of: User) -> None:
    """Check that a member, who may be a new one, may have the e-mail address ``email``.

    What is checked holds while the staff are locked.
    Raises Refused when another has it, in whichever case.
    """
    if User.objects.filter(email__iexact=email).exclude(pk=of.pk).exists():
        raise Refused(TAKEN)


def check_change(member: User, *, seen: str, is_active: bool, roles: Collection[str]) -> None:
    """Check that a member, as they are now, may become active and have ``roles``.

    ``seen`` is the fingerprint of the member who was looked at. What is checked holds while the
    staff are locked.
    Raises Refused when the member is another by now, or no administrator would be left.
    """
    if seen != fingerprint_of(member):
        raise Refused(CHANGED)
    stays = is_active and (member.is_superuser or ADMINISTRATOR in roles)
    administrators = _active_administrators()
    if not stays and member in administrators and len(administrators) == 1:
        raise Refused(LAST)


def _active_administrators() -> set[User]:
    may = Q(is_superuser=True) | Q(groups__name=ADMINISTRATOR)
    return set(User.objects.filter(may, is_active=True, is_staff=True))
