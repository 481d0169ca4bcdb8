"""People as they come: register, confirm, invite, accept, switch, make a key, use it, revoke it; against the product as it starts."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx
import pytest

from tests.world.command_line import open_to_all, running

Json = dict[str, Any]
T = TypeVar("T")
GOOD, BETTER = "Um segredo, 2 gatos", "Outro segredo, 3 gatos"


def patiently(look: Callable[[], T | None], *, seconds: float = 120.0) -> T:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("nothing came of it")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Json]:
    folder = open_to_all(tmp_path_factory.mktemp("data").resolve())
    with running("serve", "--json", "--port", "0", DATA_DIR=str(folder / "data")) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        yield json.loads(line) if line else pytest.fail(process.stderr.read())


class Caller:
    """A program that speaks for one person, or with one key."""

    def __init__(self, product: Json, **headers: str) -> None:
        self.product = product
        self.headers = headers

    def asks(self, method: str, path: str, **sent: Any) -> httpx.Response:
        return httpx.request(method, self.product["apiUrl"] + path, headers=self.headers, timeout=60, **sent)

    def sends(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Json:
        answer = self.asks(method, path, json=body)
        assert answer.status_code == status, answer.text
        return dict(answer.json()) if answer.content else {}

    def with_token(self, token: str) -> "Caller":
        return Caller(self.product, Authorization=f"Bearer {token}")

    def link_in_mail(self, address: str, page: str) -> str:
        """The token in the newest link to this page that was mailed to this address."""
        pattern = re.compile(rf"https?://\S+/{page}\?token=(\S+)")

        def look() -> str | None:
            mails = httpx.get(f"{self.product['doubles']['mail']}/_log", timeout=60).json()
            found = [pattern.search(one["text"]) for one in mails if one["to"] == address]
            return next((one[1] for one in reversed(found) if one), None)

        return patiently(look)


def test_the_printed_logins_work(product: Json) -> None:
    anybody = Caller(product)
    for who, platform_role in (("login", "user"), ("operator", "operator")):
        signed_in = anybody.sends("POST", "/auth/login", product[who])
        me = anybody.with_token(signed_in["accessToken"]).sends("GET", "/users/me")
        assert (me["email"], me["platformRole"]) == (product[who]["email"], platform_role)
    owner = anybody.with_token(anybody.sends("POST", "/auth/login", product["login"])["accessToken"])
    assert owner.sends("GET", f"/organizations/{product['organizationId']}")["role"] == "owner"


def test_from_registration_to_a_revoked_key(product: Json) -> None:
    anybody = Caller(product)
    registration = {"email": "ana@example.com", "password": GOOD, "firstName": "Ana", "lastName": "Lima"}
    registered = anybody.sends("POST", "/auth/register", registration | {"organizationName": "Casa Lima"}, status=201)
    organization = registered["organization"]
    ana = anybody.with_token(registered["accessToken"])
    assert organization["slug"] == "casa-lima"

    anybody.sends("POST", "/auth/verify-email", {"token": anybody.link_in_mail("ana@example.com", "verify-email")})
    assert ana.sends("GET", "/users/me")["status"] == "active"

    invitations = f"/organizations/{organization['id']}/invitations"
    ana.sends("POST", invitations, {"email": "bia@example.com", "role": "manager"}, status=201)
    accepting = {"token": anybody.link_in_mail("bia@example.com", "invitation"), "password": BETTER, "name": "Bia Reis"}
    bia = anybody.with_token(anybody.sends("POST", "/auth/invitations/accept", accepting)["accessToken"])
    assert [one["name"] for one in bia.sends("GET", "/organizations")["data"]] == ["Casa Lima"]

    project = ana.sends("POST", "/projects", {"name": "Loja nova"}, status=201)
    switched = bia.sends("POST", "/auth/switch", {"projectId": project["id"]})
    there = anybody.with_token(switched["accessToken"])
    document = there.asks(
        "POST", "/documents/upload", files={"file": ("guia.md", "# Guia\n\nAberto até as seis.".encode())}
    )
    assert (document.status_code, document.json()["projectId"]) == (201, project["id"])

    made = ana.sends("POST", "/auth/api-keys", {"name": "loja", "projectId": project["id"]}, status=201)
    program = Caller(product, **{"X-API-Key": made["apiKey"]})
    assert [one["id"] for one in program.sends("GET", "/documents")["data"]] == [document.json()["id"]]
    assert "apiKey" not in ana.sends("GET", f"/auth/api-keys/{made['id']}")

    ana.sends("DELETE", f"/auth/api-keys/{made['id']}", status=204)
    patiently(lambda: program.asks("GET", "/documents").status_code == 401, seconds=10)

    done = [one["action"] for one in ana.sends("GET", "/audit-logs?limit=100")["data"]]
    assert done[0] == "api_key.revoke"
    assert {"user.register", "invitation.accept", "project.create", "document.create", "api_key.create"} <= set(done), (
        done
    )
