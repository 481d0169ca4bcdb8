"""Who may give which role, what roles are made of, and the state machine of accounts."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from atende.core.identity.members.roles import (
    EVERYBODY_KEEPS,
    OWNER_KEEPS,
    RoleTooHigh,
    require_other_owner,
    require_rank,
    role_named,
    sound,
)
from atende.core.identity.model import UNDO, LastOwner, User, UserStatus
from atende.core.identity.permission_texts import DESCRIPTIONS
from atende.core.identity.permissions import MATRIX, PLATFORM, Permission, Role
from atende.core.kernel import Invalid, InvalidState

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ORDER = [Role.OWNER, Role.ADMIN, Role.MANAGER, Role.AGENT, Role.MEMBER, Role.VIEWER]


def test_every_permission_is_described() -> None:
    assert list(DESCRIPTIONS) == list(Permission)
    assert len(set(DESCRIPTIONS.values())) == len(Permission)
    for said in DESCRIPTIONS.values():
        assert re.fullmatch(r"[A-Z][^.\n]{9,110}\.", said), said


@pytest.mark.parametrize("own", ORDER)
@pytest.mark.parametrize("other", ORDER)
def test_g71_rank(own: Role, other: Role) -> None:
    if ORDER.index(other) < ORDER.index(own):
        with pytest.raises(RoleTooHigh):
            require_rank(own, Role.VIEWER, other)
    else:
        require_rank(own, Role.VIEWER, other)


def test_g71_one_owner_stays() -> None:
    ana, bia, carla = (UUID(int=number) for number in range(3))
    require_other_owner([ana, bia], ana)
    require_other_owner([ana], bia)
    for owners, leaving in (([ana], ana), ([], carla)):
        with pytest.raises(LastOwner):
            require_other_owner(owners, leaving)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        *[(str(role), role) for role in ORDER],
        ("readonly", Role.VIEWER),
        ("read_only", Role.VIEWER),
        (" User ", Role.MEMBER),
    ],
)
def test_older_names_of_roles_are_understood(text: str, role: Role) -> None:
    assert role_named(text) is role


@pytest.mark.parametrize("text", ["super_admin", "operator", "", "root"])
def test_what_is_no_role_in_an_organization_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        role_named(text)


@pytest.mark.parametrize("role", ORDER)
def test_the_matrix_is_sound_and_everybody_keeps_what_they_need(role: Role) -> None:
    assert sound(role, MATRIX[role]) == MATRIX[role]
    kept = EVERYBODY_KEEPS | (OWNER_KEEPS if role is Role.OWNER else frozenset())
    assert sound(role, kept) == kept
    for one in kept:
        with pytest.raises(Invalid):
            sound(role, MATRIX[role] - {one})
    for strange in (*PLATFORM, Permission.SELF, "*", "nothing"):
        with pytest.raises(Invalid):
            sound(role, {*MATRIX[role], strange})


U = UserStatus
MOVES: dict[str, Callable[[User], None]] = {
    "verify": lambda user: user.verify_email(NOW),
    "suspend": lambda user: user.suspend(NOW),
    "lift": lambda user: user.lift(NOW),
    "delete": lambda user: user.delete(NOW),
    "restore": lambda user: user.restore(NOW),
    "anonymize": lambda user: user.anonymize(NOW),
}
LISTED = {
    (U.PENDING_VERIFICATION, "verify"): U.ACTIVE,
    (U.PENDING_VERIFICATION, "suspend"): U.SUSPENDED,
    (U.PENDING_VERIFICATION, "lift"): U.PENDING_VERIFICATION,
    (U.PENDING_VERIFICATION, "delete"): U.DELETED,
    (U.ACTIVE, "verify"): U.ACTIVE,
    (U.ACTIVE, "suspend"): U.SUSPENDED,
    (U.ACTIVE, "lift"): U.ACTIVE,
    (U.ACTIVE, "delete"): U.DELETED,
    (U.SUSPENDED, "suspend"): U.SUSPENDED,
    (U.SUSPENDED, "lift"): U.ACTIVE,
    (U.SUSPENDED, "delete"): U.DELETED,
    (U.DELETED, "delete"): U.DELETED,
    (U.DELETED, "restore"): U.ACTIVE,
}


def user(status: UserStatus, *, deleted_at: datetime = NOW - timedelta(days=1)) -> User:
    return User(
        id=UUID(int=1),
        email="ana@example.com",
        created_at=NOW,
        updated_at=NOW,
        status=status,
        email_verified_at=None if status is U.PENDING_VERIFICATION else NOW,
        deleted_at=deleted_at if status in {U.DELETED, U.ANONYMIZED} else None,
    )


@pytest.mark.parametrize("status", [*UserStatus])
@pytest.mark.parametrize("move", MOVES)
def test_an_account_moves_as_listed_and_no_other_way(status: UserStatus, move: str) -> None:
    found = user(status)
    wanted = LISTED.get((status, move))
    if wanted is None:
        with pytest.raises(InvalidState):
            MOVES[move](found)
    else:
        MOVES[move](found)
    assert found.status is (wanted or status)


@pytest.mark.parametrize("move", ["suspend", "delete"])
def test_whoever_is_put_out_is_out_everywhere(move: str) -> None:
    found = user(U.ACTIVE)
    MOVES[move](found)
    assert found.session_version == 2


def test_after_thirty_days_an_account_does_not_come_back_and_is_emptied() -> None:
    found = user(U.DELETED, deleted_at=NOW - UNDO)
    with pytest.raises(InvalidState):
        found.restore(NOW)
    found.anonymize(NOW)
    assert found.status is U.ANONYMIZED
    assert "ana" not in found.email
