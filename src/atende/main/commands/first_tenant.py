"""The tenant that `seed`, `ingest` and `ask` use when no API key names another."""

import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from dishka import AsyncContainer

from atende.core.identity.keys.issue_api_key import Authenticate
from atende.core.kernel import Invalid, NotFound, TenantScope, Transaction
from atende.core.language.text import fold
from atende.core.tenancy.model import Project
from atende.core.tenancy.ports import Projects
from atende.main.first_people import first_operator
from atende.main.seeding import Tenant, seed_tenant
from atende.main.settings import Settings
from atende.outbound.postgres.embedded.home import write_private

NO_TENANT = "there is no tenant yet: make one with atende seed or atende ingest, or name one with ATENDE_API_KEY"


class RememberedTenant(msgspec.Struct):
    """The keys of a tenant that was made here before."""

    organization_id: UUID
    project_id: UUID
    tenant_id: str


async def seed_first(
    container: AsyncContainer, settings: Settings, *, name: str, slug: str | None, language: str
) -> Tenant:
    slug = slug or re.sub("[^a-z0-9]+", "-", fold(name)).strip("-")[:63]
    made = await seed_tenant(container, name=name, slug=slug, agent=name, language=language)
    made = replace(made, operator=await first_operator(container))
    file = tenant_file(settings)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        # On a shared server only the keys are remembered: its secrets do not belong on this machine.
        kept: Any = made if settings.embedded else msgspec.convert(asdict(made), RememberedTenant)
        write_private(file, msgspec.json.encode(kept).decode())
    return made


def tenant_file(settings: Settings) -> Path:
    return settings.data_dir / ("first-tenant.json" if settings.embedded else "seeded-tenant.json")


def remembered_tenant(settings: Settings) -> RememberedTenant | None:
    try:
        return msgspec.json.decode(tenant_file(settings).read_bytes(), type=RememberedTenant)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise Invalid(
            f"{tenant_file(settings)} is damaged: put it back from a backup, or set ATENDE_API_KEY"
        ) from error


async def project_of(container: AsyncContainer, settings: Settings, api_key: str | None) -> Project:
    """Of whoever the key is, else of the tenant that was made first. Raises NotFound, Unauthenticated."""
    async with container() as scope:
        projects, transaction = await scope.get(Projects), await scope.get(Transaction)
        if api_key is not None:
            principal = await (await scope.get(Authenticate))(api_key)
            whole, project_id = TenantScope(principal.organization_id), principal.project_id
        elif known := remembered_tenant(settings):
            whole, project_id = TenantScope(known.organization_id), known.project_id
        else:
            raise NotFound(NO_TENANT)
        async with transaction(whole):
            try:
                found: Project = await projects.get(whole, project_id)
            except NotFound as error:
                message = f"the tenant remembered in {settings.data_dir} is not in this database: set ATENDE_API_KEY"
                raise NotFound(message) from error
    return found
