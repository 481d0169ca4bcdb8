"""Lists over HTTP know how long they are on every page, also behind the last one."""

from pathlib import Path

from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import QUESTION, make_world


async def test_a_page_behind_the_last_one_is_empty_and_still_says_how_many_there_are(
    database: Urls, tmp_path: Path
) -> None:
    async with make_world(database, tmp_path) as world:
        shop = await world.tenant("loja-um")
        await world.upload(shop)
        await world.write(shop, QUESTION)
        async with world.caller(shop.api_key) as caller:
            for path in ("conversations", "documents", "billing/credits/transactions"):
                first = (await caller.get(f"/api/v1/{path}?limit=1")).json()["pagination"]
                behind = (await caller.get(f"/api/v1/{path}?limit=1&page=50")).json()
                assert behind["data"] == []
                assert behind["pagination"] == first | {"page": 50}


async def test_messages_have_page_numbers_however_many_they_are(database: Urls, tmp_path: Path) -> None:
    """They are numbered, so the database finds any page at once; other lists refuse numbers behind the first 1,000 items."""
    async with make_world(database, tmp_path) as world:
        shop = await world.tenant("loja-um")
        await world.write(shop, QUESTION)
        async with world.caller(shop.api_key) as caller:
            conversation = (await caller.get("/api/v1/conversations")).json()["data"][0]["id"]
            far = await caller.get(f"/api/v1/conversations/{conversation}/messages?page=50&limit=100")
            refused = await caller.get("/api/v1/conversations?page=50&limit=100")
    assert (far.status_code, far.json()["data"], far.json()["pagination"]["total"]) == (200, [], 1)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "page")
