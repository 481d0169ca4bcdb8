"""What people write, and what opens doors, is found in no log line, no job and no audit record."""

import logging

import pytest
import structlog

from tests.integration.mutations.mutation_world import Call, MutationWorld

PHONE, EMAIL = "+5511977788899", "canary.person.89@example.com"
MESSAGE, QUESTION = "recado canario de um cliente", "pergunta canaria sobre entregas?"
DOCUMENT, PASSWORD = "texto canario de um documento", "senha canaria muito longa"
PROVIDER_KEY, TRIED_KEY = "sk-canary0123456789abcdefghij", "repetition-canary-89"
CONTENT = (PHONE, MESSAGE, QUESTION, DOCUMENT, PASSWORD, PROVIDER_KEY)
TABLES = ("job", "audit_log")


async def live(mutations: MutationWorld) -> set[str]:
    """A day of a customer of ours, good and bad calls; the secrets that were given out."""
    shop = await mutations.shop()
    shown = {shop.api_key}

    async def send(method: str, path: str, body: object = None, *, key: str = "", token: str = "", status: int) -> None:
        call = Call(method=method, path=path, body=body, key=key, token=token)
        answer = await mutations.send(call, Idempotency_Key=f"{TRIED_KEY}-{path.strip('/')}")
        assert answer.status_code == status, (path, answer.text)

    files = {"file": ("guia.md", f"# Guia\n\n{DOCUMENT}".encode())}
    upload = Call(method="POST", path="/documents/upload", key=shop.api_key, files=files)
    assert (await mutations.send(upload)).status_code == 201
    await mutations.world.write(shop, MESSAGE, number=PHONE)
    while await mutations.world.work():
        pass
    await mutations.world.write(shop, MESSAGE, number=PHONE)
    await mutations.world.bury_all()
    await send("POST", "/rag/query", {"query": QUESTION}, key=shop.api_key, status=200)
    await send("POST", "/rag/query?x=0", {"query": QUESTION, "canary": MESSAGE}, key=shop.api_key, status=400)
    await send("POST", "/rag/query?x=2", [QUESTION, PASSWORD], key=shop.api_key, status=400)
    await send("POST", "/rag/query?x=1", {"query": QUESTION}, key=shop.api_key[:-1], status=401)

    account = {"email": EMAIL, "password": PASSWORD}
    made = await mutations.send(Call(method="POST", path="/auth/register", body=account))
    assert made.status_code == 201, made.text
    token = made.json()["accessToken"]
    shown |= {token, made.json()["refreshToken"]}
    await send("POST", "/auth/login", account, status=200)
    await send("POST", "/auth/login?x", {"email": EMAIL, "password": f"{PASSWORD} wrong"}, status=401)
    await send("POST", "/auth/forgot-password", {"email": EMAIL}, status=202)
    await send("PUT", "/users/me", {"phone": PHONE}, token=token, status=200)
    await send("PUT", "/provider-keys/openai", {"apiKey": PROVIDER_KEY}, token=token, status=200)
    issued = await mutations.send(Call(method="POST", path="/auth/api-keys", body={"name": "till"}, token=token))
    shown.add(issued.json()["apiKey"])
    while await mutations.world.work():
        pass
    return shown


async def test_g89_no_canary_in_logs_jobs_or_audit_records(
    mutations: MutationWorld, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logs:
        secrets = await live(mutations)
    told = "\n".join([*map(repr, logs), caplog.text, *capfd.readouterr()])
    for canary in (*CONTENT, *secrets, EMAIL, TRIED_KEY):
        assert canary not in told, canary
    for table in TABLES:
        rows = "\n".join(row[0] for row in await mutations.admin.fetch(f"SELECT t::text FROM {table} t"))
        assert rows
        for canary in (*CONTENT, *secrets, EMAIL, TRIED_KEY):
            assert canary not in rows, (table, canary)
    kept = "\n".join(
        row[0]
        for row in await mutations.admin.fetch(
            "SELECT encode(body, 'escape') FROM idempotency_key WHERE body IS NOT NULL"
        )
    )
    for secret in (*secrets, PASSWORD, PROVIDER_KEY):
        assert secret not in kept, secret
