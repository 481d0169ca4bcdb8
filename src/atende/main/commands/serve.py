"""`atende serve`: web and worker in one process, with data that is kept."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import msgspec

from atende.main import resources
from atende.main.first_people import Login, first_operator
from atende.main.processes.all_in_one import AllInOne, all_in_one
from atende.main.processes.lifecycle import freeze_heap, until_interrupted
from atende.main.providers.channels import CHANNELS
from atende.main.seeding import Tenant, kinds_of, seed_tenant, upload_files
from atende.main.settings import Settings
from atende.outbound.postgres.embedded.home import write_private


async def serve(settings: Settings, *, as_json: bool) -> None:
    """Until interrupted. With an embedded database the first start makes a tenant of the demo's shop."""
    async with all_in_one(
        settings, keep=True, say=lambda line: None if as_json else print(f"  {line} ...", flush=True)
    ) as running:
        tenant = await first_tenant(running) if running.fakes is not None else None
        print(_as_json(running, tenant) if as_json else _as_text(running, tenant), flush=True)
        freeze_heap()
        await until_interrupted()


async def first_tenant(running: AllInOne) -> Tenant:
    """The tenant of this data folder, made when there is none yet; its secrets stay in a file that only we may read."""
    file = running.settings.data_dir / "first-tenant.json"
    known = msgspec.json.decode(file.read_bytes(), type=Tenant) if file.exists() else None
    tenant, operator = known or await seed_shop(running), await first_operator(running.container)
    if operator is not None:
        tenant = replace(tenant, operator=operator)
    if tenant != known:
        write_private(file, msgspec.json.encode(tenant).decode())
    if running.fakes is not None:
        running.fakes.add_accounts(tenant.channels, kinds_of())
    return tenant


async def seed_shop(running: AllInOne, *, documents: Path | None = None, granted: int = 50) -> Tenant:
    """The demo's shop, with its documents or those of another folder."""
    script = json.loads((resources.demo() / "script.json").read_text(encoding="utf-8"))
    tenant = await seed_tenant(
        running.container,
        name=script["shop"],
        slug="-".join(script["shop"].lower().split()),
        agent=script["agent"],
        language=script["language"],
        granted=granted,
    )
    folder = documents or resources.demo()
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in {".md", ".txt", ".pdf"})
    await upload_files(running.container, tenant.owner, files, language=script["language"])
    return tenant


def _as_json(running: AllInOne, tenant: Tenant | None) -> str:
    shown = {
        "baseUrl": running.url,
        "apiUrl": f"{running.url}/api/v1",
        "apiKey": tenant.api_key if tenant else None,
        "operator": asdict(tenant.operator) if tenant and tenant.operator else None,
        "login": asdict(tenant.login) if tenant and tenant.login else None,
        "organizationId": tenant.organization_id if tenant else None,
        "projectId": tenant.project_id if tenant else None,
        "tenantId": tenant.tenant_id if tenant else None,
        "channelAccounts": [asdict(one) for one in tenant.channels] if tenant else [],
        "doubles": running.fakes.addresses if running.fakes else None,
        "dataDir": str(running.settings.data_dir.resolve()),
    }
    return json.dumps(shown, ensure_ascii=False)


def _as_text(running: AllInOne, tenant: Tenant | None) -> str:
    lines = ["", f"  atende is at {running.url}", f"  docs            {running.url}/docs"]
    if tenant is not None:
        summaries = {kind: vendor.summary for vendor in CHANNELS for kind in vendor.kinds}
        lines += [
            f"  shop            {tenant.name} (project {tenant.project_id})",
            f"  API key         {tenant.api_key}",
            *logins(tenant.login, tenant.operator),
            *(f"  {summaries[one.kind](one)}" for one in tenant.channels),
            *([f"  mail            {running.fakes.url}/mail"] if running.fakes else []),
            f"  data            {running.settings.data_dir.resolve()}",
            "",
            "  Ask something:",
            f"    curl -s {running.url}/api/v1/rag/query -H 'X-API-Key: {tenant.api_key}' \\",
            "      -H 'Content-Type: application/json' -d '{\"query\": \"Qual o prazo de troca?\"}'",
        ]
    lines += ["", "  Ctrl-C stops it.", ""]
    return "\n".join(lines)


def logins(login: Login | None, operator: Login | None) -> list[str]:
    """Who can sign in, as lines of text."""
    found = {"login": login, "operator": operator}
    return [f"  {name:15} {one.email}, password {one.password}" for name, one in found.items() if one is not None]


def at(settings: Settings, host: str | None, port: int | None, data_dir: Path | None) -> Settings:
    """The settings with what the command line says."""
    given = {"host": host, "port": port, "data_dir": data_dir}
    return replace(settings, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
