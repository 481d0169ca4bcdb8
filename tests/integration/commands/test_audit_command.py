"""`atende audit verify`, and what workers do for it."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from atende.core.kernel import PLATFORM, Clock, Invalid
from atende.core.work.idempotency import KEPT, IdempotencyKeys
from atende.main.commands.audit import verify_audit
from atende.main.processes.periodic import forget_old_keys, keep_sealing
from atende.main.settings import Settings
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.command_line import run
from tests.world.web import Product, product


async def sealed(running: Product) -> None:
    """Until the sealer has done all that there is."""
    task = asyncio.create_task(keep_sealing(running.container, every=0.01))
    async with asyncio.timeout(60):
        while await running.count("audit_seal") < await running.count("audit_log"):
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def verified(
    settings: Settings, capsys: pytest.CaptureFixture[str], *, as_json: bool = False, expect: Path | None = None
) -> str:
    capsys.readouterr()
    await verify_audit(settings, organization=None, expect=expect, as_json=as_json)
    return capsys.readouterr().out


async def test_g90_a_worker_seals_and_the_command_says_that_it_holds(
    database: Urls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with product(database, tmp_path) as running:
        organization = (await running.tenant("Loja")).organization_id
        before = await verified(running.settings, capsys)
        assert f"{organization}  holds  0" in before
        assert "not sealed yet, since" in before
        await sealed(running)
        told = await verified(running.settings, capsys)
        assert "not sealed" not in told
        shown = json.loads(await verified(running.settings, capsys, as_json=True))
        assert shown["holds"] is True
        (ours,) = [one for one in shown["organizations"] if one["organizationId"] == organization]
        assert (ours["unsealed"], ours["unsealedSince"], ours["wrong"]) == (0, None, None)
        assert f"{organization}  holds  {ours['seq']}  {ours['hash']}" in told


async def test_g90_the_command_names_what_is_wrong_and_what_was_cut_off(
    database: Urls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = tmp_path / "heads.json"
    async with product(database, tmp_path) as running:
        organization = (await running.tenant("Loja")).organization_id
        await sealed(running)
        heads.write_text(await verified(running.settings, capsys, as_json=True))
        assert "holds" in await verified(running.settings, capsys, expect=heads)
        last = await running.admin.fetchrow(
            "SELECT seq, record_id FROM audit_seal WHERE organization_id = $1 ORDER BY seq DESC", UUID(organization)
        )
        assert last is not None
        edited = "UPDATE audit_log SET user_agent = 'somebody else' WHERE id = $1"
        await running.admin.execute(edited, last["record_id"])
        with pytest.raises(
            Invalid, match=f"{organization} at {last['seq']} .record {last['record_id']}.: this record was edited"
        ):
            await verified(running.settings, capsys)
        await running.admin.execute("DELETE FROM audit_seal WHERE record_id = $1", last["record_id"])
        await running.admin.execute("DELETE FROM audit_log WHERE id = $1", last["record_id"])
        assert "holds" in await verified(running.settings, capsys)
        with pytest.raises(Invalid, match="an earlier head had reached"):
            await verified(running.settings, capsys, expect=heads, as_json=True)
        shown = json.loads(capsys.readouterr().out)
        (ours,) = [one for one in shown["organizations"] if one["organizationId"] == organization]
        assert (shown["holds"], ours["wrong"]) == (False, {"what": "cut off", "seq": last["seq"], "recordId": None})


async def test_the_command_as_it_is_typed(database: Urls, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": database.app, "ENCRYPTION_KEY": "ab" * 32, "DATA_DIR": str(tmp_path)}
    shown = await asyncio.to_thread(run, "audit", "verify", "--json", **environment)
    assert shown.json == {"holds": True, "organizations": []}
    (tmp_path / "odd.json").write_text("[]")
    odd = await asyncio.to_thread(run, "audit", "verify", "--expect", tmp_path / "odd.json", **environment)
    assert "is not what `atende audit verify --json` printed earlier" in odd.refusal


async def test_an_organization_that_is_not_here_is_no_chain_that_holds(
    database: Urls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with product(database, tmp_path) as running:
        await verify_audit(running.settings, organization=UUID(int=7), expect=None, as_json=False)
    assert "nothing was ever recorded here" in capsys.readouterr().out


async def test_idempotency_keys_are_forgotten_after_a_day(database: Urls, tmp_path: Path) -> None:
    async with product(database, tmp_path) as running:
        clock: Clock = await running.container.get(Clock)
        async with running.container() as unit:
            keys: IdempotencyKeys = await unit.get(IdempotencyKeys)
            for name, age in ((b"a", KEPT + timedelta(minutes=1)), (b"b", KEPT - timedelta(minutes=1))):
                made = clock.now() - age
                await keys.begin(PLATFORM.organization_id, key_hash=name * 32, request_hash=bytes(32), now=made)
        task = asyncio.create_task(forget_old_keys(running.container, every=0.01))
        async with asyncio.timeout(60):
            while await running.count("idempotency_key") == 2:
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await running.admin.fetchval("SELECT key_hash FROM idempotency_key") == b"b" * 32
