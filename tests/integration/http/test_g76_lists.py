"""Guarantee 76: lists are bounded, keep still under inserts, and their cursors cannot be made, moved or bent by anybody else."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest_asyncio

from atende.core.limits.policy import RatePolicy
from atende.outbound.postgres.embedded.launcher import Urls
from tests.integration.http.list_endpoints import API, ENDLESS, LISTS, Listed, Shop, open_shop
from tests.integration.sql_injections import CORPUS
from tests.world.http import make_world

FEW = 5
WITHOUT_PAGES = {
    "/plans": "a handful of rows of the installation",
    "/plans/active": "the same",
    "/search-index/embeddings": "those that the settings name",
    "/projects/{project_id}/features": "switches of one project, by key",
    "/roles": "six, and what each may do",
    "/permissions": "words of the program",
    "/admin/roles": "the six again",
}
"""Lists that are answered whole, and why."""


@pytest_asyncio.fixture
async def shop(database: Urls, tmp_path: Path) -> AsyncIterator[Shop]:
    async with make_world(database, tmp_path, rates=RatePolicy(strangers=10**6, keys=10**6, people=10**6)) as world:
        yield await open_shop(world, "loja-um")


async def filled(shop: Shop, listed: Listed) -> None:
    for _ in range(min(FEW, listed.most)):
        await listed.add(shop)


async def page(shop: Shop, listed: Listed, **asked: object) -> dict[str, Any]:
    answer = await shop.read(listed.path, listed.who, **asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_g76_inserts_while_paging_neither_repeat_nor_skip(shop: Shop) -> None:
    for path, listed in LISTS.items():
        await filled(shop, listed)
        before = [listed.name(item) for item in (await page(shop, listed, limit=100))["data"]]
        assert len(before) >= min(FEW, listed.most), path
        seen: list[str] = []
        found = await page(shop, listed, limit=2)
        while True:
            seen += [listed.name(item) for item in found["data"]]
            if found["nextCursor"] is None:
                break
            assert len(seen) < 200, path
            if len(seen) < 2 * FEW and listed.most == ENDLESS:
                await listed.add(shop)
            found = await page(shop, listed, limit=2, cursor=found["nextCursor"])
        assert len(seen) == len(set(seen)), path
        assert [name for name in seen if name in before] == before, path


async def test_g76_a_cursor_is_of_one_list_one_caller_and_one_set_of_filters(shop: Shop) -> None:
    cursors: dict[str, str] = {}
    for path, listed in LISTS.items():
        await filled(shop, listed)
        cursors[path] = cursor = (await page(shop, listed, limit=2))["nextCursor"]
        edited = [cursor[:-1], f"{cursor}A", f"{cursor}=", *(_with_another(cursor, at) for at in (0, 15, 25, -1))]
        for wrong in [*edited, "", "x", "é", "A" * 2_000, "%00", "'; DROP TABLE document; --"]:
            await refused(shop, listed, cursor=wrong)
        await refused(shop, listed, cursor=cursor, page=1)
        await refused(shop, listed, cursor=cursor, status="else")
        assert (await shop.read(path, listed.who, cursor=cursor, limit=3)).status_code == 200, path
    for path, listed in LISTS.items():
        for other, cursor in cursors.items():
            if other != path:
                await refused(shop, listed, cursor=cursor)


def _with_another(text: str, at: int) -> str:
    """The text with another letter in this place."""
    letters = list(text)
    letters[at] = "A" if letters[at] != "A" else "B"
    return "".join(letters)


async def test_g76_a_page_has_at_most_a_hundred(shop: Shop) -> None:
    for path, listed in LISTS.items():
        for limit in (0, 101, -1, 10**9, "many"):
            answer = await shop.read(path, listed.who, limit=limit)
            assert answer.status_code == 400, (path, limit, answer.text)
        assert (await page(shop, listed, limit=100))["pagination"]["limit"] == 100, path


async def refused(shop: Shop, listed: Listed, **asked: object) -> None:
    answer = await shop.read(listed.path, listed.who, limit=2, **asked)
    assert answer.status_code == 400, (asked, answer.text)
    assert answer.json()["code"] == "VALIDATION_ERROR"


async def test_g76_a_cursor_of_another_organization_or_project_opens_nothing(shop: Shop) -> None:
    stranger = Shop(shop.world, await shop.world.tenant("estranha"))
    documents = LISTS["/documents"]
    await filled(shop, documents)
    await filled(stranger, documents)
    cursor = (await page(shop, documents, limit=2))["nextCursor"]
    await refused(stranger, documents, cursor=cursor)
    await refused(shop, documents, cursor=cursor, status="uploaded")
    async with shop.world.caller(shop.tenant.api_key, X_Project_Id=shop.tenant.project_id) as caller:
        narrowed = await caller.get(f"{API}/documents", params={"limit": 2})
        assert narrowed.status_code == 200
        assert (await caller.get(f"{API}/documents", params={"limit": 2, "cursor": cursor})).status_code == 400
    await refused(shop, documents, cursor=narrowed.json()["nextCursor"])


async def test_g76_every_list_of_the_api_has_a_cursor_and_is_tried_here(shop: Shop) -> None:
    schema: dict[str, Any] = shop.world.app.openapi_schema.to_schema()
    schemas, lists = schema["components"]["schemas"], {}
    for path, operations in schema["paths"].items():
        if "get" in operations:
            answer = operations["get"]["responses"].get("200", {}).get("content", {}).get("application/json", {})
            if _is_list(answer.get("schema", {}), schemas):
                lists[path.removeprefix(API)] = operations["get"], _resolved(answer["schema"], schemas)
    paged = {path: found for path, found in lists.items() if path not in WITHOUT_PAGES}
    for path, (operation, answer) in paged.items():
        assert {"pagination", "nextCursor"} <= set(answer["properties"]), path
        assert {"page", "limit", "cursor"} <= {parameter["name"] for parameter in operation["parameters"]}, path
    assert set(paged) == set(LISTS)


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def _is_list(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> bool:
    """An array, or an object that holds one called `data`."""
    found = _resolved(schema, schemas)
    return "data" in found.get("properties", {}) or found.get("type") == "array"


async def test_g76_what_looks_like_sql_is_text_in_every_filter(shop: Shop) -> None:
    """500 strings through every free text of the lists, some through what is checked by its form, and the data is what it was."""
    before = await _counts(shop)
    schema: dict[str, Any] = shop.world.app.openapi_schema.to_schema()
    for path, listed in LISTS.items():
        parameters = [one for one in schema["paths"][API + path]["get"]["parameters"] if one["in"] == "query"]
        free = [one["name"] for one in parameters if one["name"] != "cursor" and _is_free(one)]
        checked = [one["name"] for one in parameters if one["name"] not in {"cursor", *free}]
        asked = [dict.fromkeys(free, text) for text in CORPUS if free]
        asked += [{name: text} for name in checked for text in CORPUS[::100]]
        asked += [{"cursor": text} for text in (CORPUS if path == "/documents" else CORPUS[::100])]
        for query in asked:
            answer = await shop.read(path, listed.who, **query)
            assert answer.status_code in {200, 400}, (path, query, answer.text)
    assert await _counts(shop) == before


def _is_free(parameter: Mapping[str, Any]) -> bool:
    """Whether any text may stand in it."""
    schema = parameter["schema"]
    forms = [schema, *schema.get("oneOf", []), *schema.get("anyOf", [])]
    return any(one.get("type") == "string" and not {"enum", "format", "pattern"} & set(one) for one in forms)


async def _counts(shop: Shop) -> list[int]:
    """How long each list is, but for the one that an operator's own looking makes longer."""
    kept = [listed for path, listed in LISTS.items() if path != "/admin/audit-logs"]
    return [(await page(shop, listed, limit=1))["pagination"]["total"] for listed in kept]
