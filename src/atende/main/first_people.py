"""Creates the first users of an installation: its operator, and the owner of its first organization."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from dishka import AsyncContainer

from atende.core.identity.accounts.enrol import Enrol
from atende.core.identity.model import EmailTaken

OPERATOR = "operator@atende.local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What somebody signs in with. The password is made here, and can be changed but not looked up."""

    email: str
    password: str = field(repr=False)


async def first_operator(container: AsyncContainer) -> Login | None:
    """The login of an operator who is made now; None when this installation has one already."""
    login = Login(email=OPERATOR, password=secrets.token_urlsafe(18))
    async with container() as scope:
        enrol: Enrol = await scope.get(Enrol)
        try:
            made = await enrol.operator(email=login.email, password=login.password, name="Operator")
        except EmailTaken:  # another process was quicker
            return None
    return login if made is not None else None


async def owner_login(container: AsyncContainer, organization_id: UUID, *, slug: str) -> tuple[UUID, Login]:
    """Somebody who owns this organization: their id and their login."""
    login = Login(email=f"owner@{slug}.local", password=secrets.token_urlsafe(18))
    async with container() as scope:
        enrol: Enrol = await scope.get(Enrol)
        made = await enrol.owner(organization_id, email=login.email, password=login.password, name="Owner")
    return made.id, login
