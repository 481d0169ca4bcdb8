"""Creates a first tenant: organization, project, agent, numbers, credits and an API key."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from dishka import AsyncContainer

from atende.core.conversation.channel import ChannelSecrets
from atende.core.conversation.connect_channel import ConnectChannel
from atende.core.credits.grant_credits import GrantCredits
from atende.core.identity.keys.issue_api_key import IssueApiKey
from atende.core.kernel import Owner, TenantScope, as_credits
from atende.core.knowledge.create_agent import CreateAgent
from atende.core.knowledge.store_file import DOCUMENTS, STORAGE_GB, UPLOAD_MB
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.tenancy.found_organization import FoundOrganization
from atende.core.tenancy.plans import UNLIMITED
from atende.fakes.accounts import ProviderAccount
from atende.main.first_people import Login, owner_login
from atende.main.providers.channels import CHANNELS
from atende.main.providers.channels.vendor import Vendors

FREE_CREDITS = 50


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
    channels: tuple[ProviderAccount, ...]
    login: Login | None = None
    operator: Login | None = None

    @property
    def owner(self) -> Owner:
        return msgspec.convert(
            {"organization_id": self.organization_id, "project_id": self.project_id, "tenant_id": self.tenant_id}, Owner
        )

    def channel(self, kind: str) -> ProviderAccount:
        return next(one for one in self.channels if one.kind == kind)


OWN_FILES = {DOCUMENTS: UNLIMITED, UPLOAD_MB: UNLIMITED, STORAGE_GB: UNLIMITED}
"""Whoever installs this may store as much as the disk holds; plans are for customers of the installation."""


async def seed_tenant(
    container: AsyncContainer, *, name: str, slug: str, agent: str, language: str = "pt", granted: int = FREE_CREDITS
) -> Tenant:
    """An organization with its owner, a project, an agent, a number of each channel vendor, free credits and an API key.

    Raises Conflict when the slug is taken.
    """
    async with container() as scope:
        found = await scope.get(FoundOrganization)
        project = await found(name=name, slug=slug, language=language, custom_limits=OWN_FILES)
        owner = project.owner
        everything = TenantScope(owner.organization_id, owner.tenant_id)
        await (await scope.get(CreateAgent))(owner, name=agent, is_default=True)
        await (await scope.get(GrantCredits))(
            everything, amount=as_credits(granted), reference="plan:free:first", note="free plan"
        )
        connect = await scope.get(ConnectChannel)
        digits = "".join(secrets.choice("0123456789") for _ in range(8))  # a database can hold many first tenants
        accounts = tuple(vendor.demo_account(digits) for vendor in await container.get(Vendors))
        for one in accounts:
            await connect(
                owner,
                kind=one.kind,
                external_id=one.external_id,
                address=one.address,
                provider_account=one.provider_account,
                secrets=ChannelSecrets(one.signing, one.access),
            )
        person, login = await owner_login(container, owner.organization_id, slug=slug)
        issued = await (await scope.get(IssueApiKey))(everything, name="first key", scopes=["*"], made_for=person)
    return Tenant(
        organization_id=str(owner.organization_id),
        project_id=str(owner.project_id),
        tenant_id=owner.tenant_id,
        name=name,
        api_key=issued.text,
        channels=accounts,
        login=login,
    )


def kinds_of(channels: Vendors = CHANNELS) -> dict[str, str]:
    """The name of the vendor that carries each kind of channel."""
    return {kind: vendor.name for vendor in channels for kind in vendor.kinds}


async def upload_files(container: AsyncContainer, owner: Owner, files: Sequence[Path], *, language: str = "pt") -> None:
    """Every file becomes a document that is read in the background. Raises Invalid for one that cannot be taken."""
    for file in files:
        async with container() as scope:
            upload = await scope.get(UploadDocument)
            await upload(owner, filename=file.name, data=file.read_bytes(), language=language)
