"""`atende seed`: a new tenant with its numbers and an API key."""

import json
from dataclasses import asdict
from pathlib import Path

from atende.main.commands.first_tenant import seed_first, tenant_file
from atende.main.commands.installation import installation
from atende.main.commands.serve import logins
from atende.main.seeding import Tenant
from atende.main.settings import Settings


async def seed(settings: Settings, *, name: str, slug: str | None, language: str, as_json: bool) -> None:
    """A tenant with a WhatsApp and an SMS number, credits and an API key; the first one is what `serve` goes on with."""
    async with installation(settings, new=True) as container:
        made = await seed_first(container, settings, name=name, slug=slug, language=language)
    shown = {
        "name": made.name,
        "apiKey": made.api_key,
        "operator": asdict(made.operator) if made.operator else None,
        "login": asdict(made.login) if made.login else None,
        "organizationId": made.organization_id,
        "projectId": made.project_id,
        "tenantId": made.tenant_id,
        "channelAccounts": [asdict(one) for one in made.channels],
    }
    print(json.dumps(shown, ensure_ascii=False) if as_json else _seeded_text(made, tenant_file(settings)))


def _seeded_text(made: Tenant, file: Path) -> str:
    lines = [f"  {made.name}: tenant {made.tenant_id}, project {made.project_id}", f"  API key   {made.api_key}"]
    lines += logins(made.login, made.operator)
    lines += [f"  {one.kind:9} {one.external_id} ({one.address})" for one in made.channels]
    return "\n".join(
        [*lines, f"  The first tenant is remembered in {file}; of another one, ATENDE_API_KEY tells ask and ingest."]
    )
