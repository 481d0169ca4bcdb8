"""A first tenant with everything it takes to be written to."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from dishka import AsyncContainer

from atende.core.conversation.channel import ChannelKind, ChannelSecrets
from atende.core.conversation.connect_channel import ConnectChannel
from atende.core.credits.grant_credits import GrantCredits
from atende.core.identity.keys.issue_api_key import IssueApiKey
from atende.core.kernel import Owner, TenantScope, as_credits
from atende.core.knowledge.create_agent import CreateAgent
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.tenancy.found_organization import FoundOrganization
from atende.main.first_people import Login, owner_login

FREE_CREDITS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A connected number with the secrets that its provider's side knows."""

    kind: str
    external_id: str
    address: str
    provider_account: str
    signing: str
    access: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """What a newcomer needs to know of the first tenant. The API key and the logins are shown here and nowhere else.

    `operator`: of the installation, when they were made together with it.
    """

    organization_id: str
    project_id: str
    tenant_id: str
    name: str
    api_key: str
    lines: tuple[Line, ...]
    login: Login | None = None
    operator: Login | None = None

    @property
    def owner(self) -> Owner:
        return msgspec.convert(
            {"organization_id": self.organization_id, "project_id": self.project_id, "tenant_id": self.tenant_id}, Owner
        )

    def line(self, kind: ChannelKind) -> Line:
        return next(line for line in self.lines if line.kind == kind)


async def seed_tenant(
    container: AsyncContainer, *, name: str, slug: str, agent: str, language: str = "pt", granted: int = FREE_CREDITS
) -> Tenant:
    """An organization with its owner, a project, an agent, a WhatsApp and an SMS number, free credits and an API key for all of it.

    Raises Conflict when the slug is taken.
    """
    async with container() as scope:
        project = await (await scope.get(FoundOrganization))(name=name, slug=slug, language=language)
        owner = project.owner
        everything = TenantScope(owner.organization_id, owner.tenant_id)
        await (await scope.get(CreateAgent))(owner, name=agent, is_default=True)
        await (await scope.get(GrantCredits))(
            everything, amount=as_credits(granted), reference="plan:free:first", note="free plan"
        )
        connect = await scope.get(ConnectChannel)
        lines = _lines()
        for line in lines:
            await connect(
                owner,
                kind=ChannelKind(line.kind),
                external_id=line.external_id,
                address=line.address,
                provider_account=line.provider_account,
                secrets=ChannelSecrets(line.signing, line.access),
            )
        person, login = await owner_login(container, owner.organization_id, slug=slug)
        issued = await (await scope.get(IssueApiKey))(everything, name="first key", scopes=["*"], made_for=person)
    return Tenant(
        organization_id=str(owner.organization_id),
        project_id=str(owner.project_id),
        tenant_id=owner.tenant_id,
        name=name,
        api_key=issued.text,
        lines=lines,
        login=login,
    )


def _lines() -> tuple[Line, ...]:
    """Numbers nobody else has, so that a database can hold many first tenants."""
    digits = "".join(secrets.choice("0123456789") for _ in range(8))
    token = secrets.token_hex(16)
    return (
        Line(
            kind=ChannelKind.WHATSAPP,
            external_id=f"1{digits}00001",
            address=f"+55119{digits}",
            provider_account=f"2{digits}00002",
            signing=secrets.token_hex(16),
            access=secrets.token_urlsafe(24),
        ),
        Line(
            kind=ChannelKind.SMS,
            external_id=f"+55219{digits}",
            address=f"+55219{digits}",
            provider_account=f"AC{secrets.token_hex(16)}",
            signing=token,
            access=token,
        ),
    )


async def upload_files(container: AsyncContainer, owner: Owner, files: Sequence[Path], *, language: str = "pt") -> None:
    """Every file becomes a document that is read in the background. Raises Invalid for one that cannot be taken."""
    for file in files:
        async with container() as scope:
            upload = await scope.get(UploadDocument)
            await upload(owner, filename=file.name, data=file.read_bytes(), language=language)
