"""Documents, questions, conversations, jobs, projects and their switches."""

from tests.integration.mutations.mutation_world import Call, Stage
from tests.integration.mutations.valid_calls.registry import recipe
from tests.world.http import QUESTION


@recipe
async def upload_document(stage: Stage) -> Call:
    shop = await stage.shop()
    return Call(
        method="POST",
        path="/documents/upload",
        key=shop.api_key,
        files={"file": ("guia.md", b"# Entregas\n\nTres dias.")},
    )


@recipe
async def query(stage: Stage) -> Call:
    shop = await stage.shop()
    await stage.world.upload(shop)
    return Call(
        method="POST",
        path="/rag/query",
        key=shop.api_key,
        body={"query": QUESTION},
        changed={"query": "Outra pergunta?"},
    )


async def _conversation(stage: Stage) -> tuple[str, str]:
    shop = await stage.shop()
    await stage.world.write(shop, QUESTION)
    while await stage.world.work():
        pass
    async with stage.world.caller(shop.api_key) as caller:
        return shop.api_key, (await caller.get("/api/v1/conversations")).json()["data"][0]["id"]


@recipe
async def take_over(stage: Stage) -> Call:
    key, conversation = await _conversation(stage)
    return Call(method="POST", path=f"/conversations/{conversation}/takeover", key=key)


@recipe
async def give_back(stage: Stage) -> Call:
    key, conversation = await _conversation(stage)
    taken = await stage.send(Call(method="POST", path=f"/conversations/{conversation}/takeover", key=key))
    assert taken.status_code == 200, taken.text
    return Call(method="POST", path=f"/conversations/{conversation}/give-back", key=key)


async def _dead_letter(stage: Stage) -> tuple[str, int]:
    shop = await stage.shop()
    await stage.world.write(shop, QUESTION)
    await stage.world.bury_all()
    async with stage.world.caller(shop.api_key) as caller:
        return shop.api_key, (await caller.get("/api/v1/admin/dead-letters")).json()["data"][0]["id"]


@recipe
async def replay_dead_letter(stage: Stage) -> Call:
    key, job = await _dead_letter(stage)
    return Call(method="POST", path=f"/admin/dead-letters/{job}/replay", key=key)


@recipe
async def discard_dead_letter(stage: Stage) -> Call:
    key, job = await _dead_letter(stage)
    return Call(method="DELETE", path=f"/admin/dead-letters/{job}", key=key)


@recipe
async def create_project(stage: Stage) -> Call:
    owner, _ = await stage.owner()
    return Call(method="POST", path="/projects", body={"name": "Filial"}, changed={"name": "Outra"}, token=owner.token)


@recipe
async def update_project(stage: Stage) -> Call:
    owner, _ = await stage.owner()
    place = f"/projects/{await stage.project(owner)}"
    return Call(method="PUT", path=place, body={"name": "New"}, changed={"name": "Newer"}, token=owner.token)


@recipe
async def delete_project(stage: Stage) -> Call:
    owner, _ = await stage.owner()
    return Call(method="DELETE", path=f"/projects/{await stage.project(owner)}", token=owner.token)


@recipe
async def restore_project(stage: Stage) -> Call:
    owner, _ = await stage.owner()
    place = f"/projects/{await stage.project(owner)}"
    assert (await owner.delete(place)).status_code == 204
    return Call(method="POST", path=f"{place}/restore", token=owner.token)


@recipe
async def make_default_project(stage: Stage) -> Call:
    owner, _ = await stage.owner()
    return Call(method="POST", path=f"/projects/{await stage.project(owner)}/default", token=owner.token)


@recipe
async def switch_project(stage: Stage) -> Call:
    owner, _ = await stage.owner()
    place = f"/projects/{await stage.project(owner)}/status"
    return Call(method="PUT", path=place, body={"status": "inactive"}, changed={"status": "active"}, token=owner.token)


@recipe
async def configure_project(stage: Stage) -> Call:
    owner, _ = await stage.owner()
    place = f"/projects/{await stage.project(owner)}/configuration"
    return Call(method="PUT", path=place, body={"colour": "red"}, changed={"colour": "blue"}, token=owner.token)


@recipe
async def put_feature(stage: Stage) -> Call:
    owner, _ = await stage.owner()
    place = f"/projects/{await stage.project(owner)}/features/sound"
    return Call(method="PUT", path=place, body={"enabled": True}, changed={"enabled": False}, token=owner.token)


@recipe
async def remove_feature(stage: Stage) -> Call:
    owner, _ = await stage.owner()
    place = f"/projects/{await stage.project(owner)}/features/sound"
    assert (await owner.put(place, {"enabled": True})).status_code == 200
    return Call(method="DELETE", path=place, token=owner.token)
