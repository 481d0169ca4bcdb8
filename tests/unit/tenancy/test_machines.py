"""The state machines of projects, payers and organizations: every move from every state."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from atende.core.kernel import Invalid, InvalidState
from atende.core.tenancy.model import (
    UNDO,
    BillingAccount,
    Organization,
    PayerSuspended,
    PaymentStatus,
    Project,
    ProjectNotActive,
    ProjectStatus,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ID = UUID(int=1)
S = ProjectStatus
MOVES: dict[str, Callable[[Project], None]] = {
    "on": lambda project: project.switch(NOW, on=True),
    "off": lambda project: project.switch(NOW, on=False),
    "suspend": lambda project: project.suspend(NOW),
    "cure": lambda project: project.cure(NOW),
    "delete": lambda project: project.delete(NOW),
    "restore": lambda project: project.restore(NOW),
}
LISTED = {
    (S.ACTIVE, "on"): S.ACTIVE,
    (S.ACTIVE, "off"): S.INACTIVE,
    (S.ACTIVE, "suspend"): S.SUSPENDED,
    (S.ACTIVE, "cure"): S.ACTIVE,
    (S.ACTIVE, "delete"): S.DELETED,
    (S.ACTIVE, "restore"): S.ACTIVE,
    (S.INACTIVE, "on"): S.ACTIVE,
    (S.INACTIVE, "off"): S.INACTIVE,
    (S.INACTIVE, "suspend"): S.SUSPENDED,
    (S.INACTIVE, "delete"): S.DELETED,
    (S.SUSPENDED, "suspend"): S.SUSPENDED,
    (S.SUSPENDED, "cure"): S.ACTIVE,
    (S.SUSPENDED, "delete"): S.DELETED,
    (S.DELETED, "delete"): S.DELETED,
    (S.DELETED, "restore"): S.ACTIVE,
}


def project(status: ProjectStatus, *, deleted_at: datetime = NOW, is_default: bool = False) -> Project:
    return Project(
        id=ID,
        organization_id=ID,
        tenant_id="shop",
        billing_account_id=ID,
        name="Shop",
        created_at=NOW,
        status=status,
        is_default=is_default,
        deleted_at=deleted_at if status is S.DELETED else None,
    )


@pytest.mark.parametrize("status", [*ProjectStatus])
@pytest.mark.parametrize("move", MOVES)
def test_a_project_moves_as_listed_and_no_other_way(status: ProjectStatus, move: str) -> None:
    found = project(status)
    wanted = LISTED.get((status, move))
    if wanted is None:
        with pytest.raises(InvalidState):
            MOVES[move](found)
    else:
        MOVES[move](found)
    assert found.status is (wanted or status)
    assert (found.deleted_at is not None) == (found.status is S.DELETED)


def test_the_same_move_again_changes_no_time() -> None:
    found = project(S.DELETED, deleted_at=NOW - timedelta(days=3))
    found.delete(NOW)
    assert found.deleted_at == NOW - timedelta(days=3)


@pytest.mark.parametrize("status", [S.ACTIVE, S.INACTIVE, S.SUSPENDED])
def test_the_default_project_is_not_deleted(status: ProjectStatus) -> None:
    with pytest.raises(InvalidState):
        project(status, is_default=True).delete(NOW)


def test_a_project_comes_back_for_thirty_days() -> None:
    project(S.DELETED, deleted_at=NOW - UNDO + timedelta(seconds=1)).restore(NOW)
    with pytest.raises(InvalidState):
        project(S.DELETED, deleted_at=NOW - UNDO).restore(NOW)


@pytest.mark.parametrize("status", [*ProjectStatus])
def test_settings_change_while_it_can_be_switched(status: ProjectStatus) -> None:
    found = project(status)
    changes: list[Callable[[], None]] = [
        lambda: found.describe(NOW, name="New"),
        lambda: found.configure({"a": 1}, NOW),
        found.require_open,
    ]
    for change in changes:
        if status in {S.ACTIVE, S.INACTIVE}:
            change()
        else:
            with pytest.raises(ProjectNotActive):
                change()


@pytest.mark.parametrize("wrong", [{"name": " "}, {"language": "de"}, {"session_timeout_seconds": 30}])
def test_a_project_stays_sound(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        project(S.ACTIVE).describe(NOW, **wrong)  # type: ignore[arg-type]  # one of them at a time


def account(status: PaymentStatus) -> BillingAccount:
    return BillingAccount(id=ID, organization_id=ID, name="Ana", created_at=NOW, payment_status=status)


@pytest.mark.parametrize("status", [*PaymentStatus])
def test_any_payer_can_be_suspended_and_lifted_after_it(status: PaymentStatus) -> None:
    found = account(status)
    found.require_good() if status is not PaymentStatus.SUSPENDED else None
    found.suspend(NOW, "unpaid")
    assert found.payment_status is PaymentStatus.SUSPENDED
    with pytest.raises(PayerSuspended):
        found.require_good()
    found.lift()
    assert (found.payment_status, found.suspended_at, found.suspension_reason) == (PaymentStatus.ACTIVE, None, None)


@pytest.mark.parametrize("status", [PaymentStatus.PENDING, PaymentStatus.PAST_DUE])
def test_what_is_not_suspended_is_not_lifted(status: PaymentStatus) -> None:
    with pytest.raises(InvalidState):
        account(status).lift()


def organization() -> Organization:
    return Organization(id=ID, name="Shop", slug="shop", created_at=NOW)


def test_an_organization_is_deleted_by_its_slug_and_comes_back_for_thirty_days() -> None:
    found = organization()
    for wrong in ("", "Shop", "shop "):
        with pytest.raises(Invalid):
            found.delete(NOW, confirm=wrong)
    assert found.deleted_at is None
    found.delete(NOW, confirm="shop")
    found.delete(NOW + timedelta(days=5), confirm="shop")
    assert found.deleted_at == NOW
    with pytest.raises(InvalidState):
        found.restore(NOW + UNDO)
    found.restore(NOW + UNDO - timedelta(seconds=1))
    assert found.deleted_at is None


@pytest.mark.parametrize("wrong", [{"name": ""}, {"slug": "Shop"}, {"slug": "-a"}, {"slug": "a"}])
def test_an_organization_stays_sound(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        organization().describe(NOW, **wrong)  # type: ignore[arg-type]  # one of them at a time
