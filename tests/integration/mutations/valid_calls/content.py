"""Documents, questions, conversations, jobs, projects and their switches."""

from tests.integration.mutations.mutation_world import Call, MutationWorld
from tests.integration.mutations.valid_calls.registry import valid_call
from tests.world.http import QUESTION


@valid_call
async def upload_document(mutations: MutationWorld) -> Call:
    shop = await mutations.shop()
    return Call(
        method="POST",
        path="/documents/upload",
        key=shop.api_key,
        files={"file": ("guia.md", b"# Entregas\n\nTres dias.")},
    )


async def _document(mutations: MutationWorld) -> tuple[str, str]:
    shop = await mutations.shop()
    return shop.api_key, await mutations.world.upload(shop)


@valid_call
async def replace_document_file(mutations: MutationWorld) -> Call:
    key, document = await _document(mutations)
    files = {"file": ("guia.md", b"# Entregas\n\nDois dias.")}
    return Call(method="PUT", path=f"/documents/{document}/file", key=key, files=files)


@valid_call
async def process_document(mutations: MutationWorld) -> Call:
    key, document = await _document(mutations)
    return Call(method="POST", path=f"/documents/{document}/process", key=key)


@valid_call
async def reindex_documents(mutations: MutationWorld) -> Call:
    key, _ = await _document(mutations)
    return Call(method="POST", path="/documents/reindex", key=key)


@valid_call
async def delete_document(mutations: MutationWorld) -> Call:
    key, document = await _document(mutations)
    return Call(method="DELETE", path=f"/documents/{document}", key=key)


_OTHER_INDEX = {"model": "multilingual-e5-small-q4", "dimension": 384}


async def _index_beside(mutations: MutationWorld) -> str:
    """Of an empty index: without a document there is nothing to embed, and nothing to compare by."""
    key, document = await _document(mutations)
    await mutations.send(Call(method="DELETE", path=f"/documents/{document}", key=key))
    begun = await mutations.send(Call(method="POST", path="/search-index/change", key=key, body=_OTHER_INDEX))
    assert begun.status_code == 202, begun.text
    while await mutations.world.work():
        pass
    return key


@valid_call
async def change_search_index(mutations: MutationWorld) -> Call:
    key, _ = await _document(mutations)
    changed = _OTHER_INDEX | {"keepDays": 3}
    return Call(method="POST", path="/search-index/change", key=key, body=_OTHER_INDEX, changed=changed)


@valid_call
async def switch_search_index(mutations: MutationWorld) -> Call:
    return Call(method="POST", path="/search-index/switch", key=await _index_beside(mutations))


@valid_call
async def remove_other_index(mutations: MutationWorld) -> Call:
    return Call(method="DELETE", path="/search-index/beside", key=await _index_beside(mutations))


@valid_call
async def search_documents(mutations: MutationWorld) -> Call:
    shop = await mutations.shop()
    await mutations.world.upload(shop)
    body = {"query": QUESTION}
    return Call(method="POST", path="/rag/search", key=shop.api_key, body=body, changed={"query": "frete"})


@valid_call
async def ask_documents(mutations: MutationWorld) -> Call:
    shop = await mutations.shop()
    await mutations.world.upload(shop)
    return Call(
        method="POST",
        path="/rag/query",
        key=shop.api_key,
        body={"query": QUESTION},
        changed={"query": "Outra pergunta?"},
    )


async def _conversation(mutations: MutationWorld) -> tuple[str, str]:
    shop = await mutations.shop()
    await mutations.world.write(shop, QUESTION)
    while await mutations.world.work():
        pass
    async with mutations.world.caller(shop.api_key) as caller:
        return shop.api_key, (await caller.get("/api/v1/conversations")).json()["data"][0]["id"]


@valid_call
async def take_over_conversation(mutations: MutationWorld) -> Call:
    key, conversation = await _conversation(mutations)
    return Call(method="POST", path=f"/conversations/{conversation}/takeover", key=key)


@valid_call
async def return_conversation_to_agent(mutations: MutationWorld) -> Call:
    key, conversation = await _conversation(mutations)
    taken = await mutations.send(Call(method="POST", path=f"/conversations/{conversation}/takeover", key=key))
    assert taken.status_code == 200, taken.text
    return Call(method="POST", path=f"/conversations/{conversation}/give-back", key=key)


async def _dead_letter(mutations: MutationWorld) -> tuple[str, int]:
    shop = await mutations.shop()
    await mutations.world.write(shop, QUESTION)
    await mutations.world.bury_all()
    async with mutations.world.caller(shop.api_key) as caller:
        return shop.api_key, (await caller.get("/api/v1/admin/dead-letters")).json()["data"][0]["id"]


@valid_call
async def replay_dead_letter(mutations: MutationWorld) -> Call:
    key, job = await _dead_letter(mutations)
    return Call(method="POST", path=f"/admin/dead-letters/{job}/replay", key=key)


@valid_call
async def discard_dead_letter(mutations: MutationWorld) -> Call:
    key, job = await _dead_letter(mutations)
    return Call(method="DELETE", path=f"/admin/dead-letters/{job}", key=key)


@valid_call
async def create_project(mutations: MutationWorld) -> Call:
    owner, _ = await mutations.owner()
    return Call(method="POST", path="/projects", body={"name": "Filial"}, changed={"name": "Outra"}, token=owner.token)


@valid_call
async def update_project(mutations: MutationWorld) -> Call:
    owner, _ = await mutations.owner()
    place = f"/projects/{await mutations.project(owner)}"
    return Call(method="PUT", path=place, body={"name": "New"}, changed={"name": "Newer"}, token=owner.token)


@valid_call
async def delete_project(mutations: MutationWorld) -> Call:
    owner, _ = await mutations.owner()
    return Call(method="DELETE", path=f"/projects/{await mutations.project(owner)}", token=owner.token)


@valid_call
async def restore_project(mutations: MutationWorld) -> Call:
    owner, _ = await mutations.owner()
    place = f"/projects/{await mutations.project(owner)}"
    assert (await owner.delete(place)).status_code == 204
    return Call(method="POST", path=f"{place}/restore", token=owner.token)


@valid_call
async def set_default_project(mutations: MutationWorld) -> Call:
    owner, _ = await mutations.owner()
    return Call(method="POST", path=f"/projects/{await mutations.project(owner)}/default", token=owner.token)


@valid_call
async def set_project_status(mutations: MutationWorld) -> Call:
    owner, _ = await mutations.owner()
    place = f"/projects/{await mutations.project(owner)}/status"
    return Call(method="PUT", path=place, body={"status": "inactive"}, changed={"status": "active"}, token=owner.token)


@valid_call
async def replace_project_configuration(mutations: MutationWorld) -> Call:
    owner, _ = await mutations.owner()
    place = f"/projects/{await mutations.project(owner)}/configuration"
    return Call(method="PUT", path=place, body={"colour": "red"}, changed={"colour": "blue"}, token=owner.token)


@valid_call
async def set_project_feature(mutations: MutationWorld) -> Call:
    owner, _ = await mutations.owner()
    place = f"/projects/{await mutations.project(owner)}/features/sound"
    return Call(method="PUT", path=place, body={"enabled": True}, changed={"enabled": False}, token=owner.token)


@valid_call
async def delete_project_feature(mutations: MutationWorld) -> Call:
    owner, _ = await mutations.owner()
    place = f"/projects/{await mutations.project(owner)}/features/sound"
    assert (await owner.put(place, {"enabled": True})).status_code == 200
    return Call(method="DELETE", path=place, token=owner.token)


def _number(mutations: MutationWorld) -> dict[str, str]:
    number = f"10654035{next(mutations.numbers):07}"
    secrets = {"signingSecret": "app-secret-of-meta", "accessSecret": "EAAG-token"}
    return {"kind": "whatsapp", "externalId": number, "providerAccount": "102290129340398"} | secrets


async def _channel(mutations: MutationWorld) -> tuple[str, str]:
    shop = await mutations.shop()
    async with mutations.world.caller(shop.api_key) as caller:
        made = await caller.post("/api/v1/channels", json=_number(mutations))
    assert made.status_code == 201, made.text
    return shop.api_key, str(made.json()["id"])


@valid_call
async def connect_channel(mutations: MutationWorld) -> Call:
    shop = await mutations.shop()
    return Call(method="POST", path="/channels", key=shop.api_key, body=_number(mutations), changed=_number(mutations))


@valid_call
async def update_channel(mutations: MutationWorld) -> Call:
    key, channel = await _channel(mutations)
    body = {"isActive": False}
    return Call(method="PUT", path=f"/channels/{channel}", key=key, body=body, changed={"isActive": True})


@valid_call
async def check_channel(mutations: MutationWorld) -> Call:
    key, channel = await _channel(mutations)
    return Call(method="POST", path=f"/channels/{channel}/check", key=key)


@valid_call
async def disconnect_channel(mutations: MutationWorld) -> Call:
    key, channel = await _channel(mutations)
    return Call(method="DELETE", path=f"/channels/{channel}", key=key)
