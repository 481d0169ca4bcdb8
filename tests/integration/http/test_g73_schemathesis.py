"""Guarantee 73, seen from outside: Schemathesis reads the OpenAPI of a running product and tries to break what it promises."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.world.command_line import SECONDS, environment, open_to_all, running

pytestmark = pytest.mark.starts_first
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "3")
"""For each operation, beside the fixed cases at the edges of its schema."""
ENDS_THE_SESSION = ("signOut", "signOutEverywhere")
"""Called by anybody but strangers, these would leave the rest of the run with nothing but 401."""
HANDS_OUT_CREDENTIALS = (
    "registerAccount",
    "signIn",
    "restoreAccount",
    "createApiKey",
    "rotateApiKey",
    "acceptInvitation",
    "switchOrganization",
)
"""Schemathesis would show what it got there beside its own credentials: two identities, which are refused. Strangers call them."""
CONFIG = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]

[[operations]]
include-method = "GET"
checks.positive_data_acceptance.expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "422", "429"]

[[operations]]
include-operation-id = ["uploadDocument", "createProject", "replaceProjectConfiguration", "setProjectFeature", "setOrganizationLimits", "updateMyAccount"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "403", "404", "409", "422", "429"]
"""
"""What a schema cannot say: 422 is well-formed and makes no sense all the same, as a file of an unknown kind, an Idempotency-Key
of another request or a period that ends before it begins. A cursor that is made up is a 400 (guarantee 76), and so are a form
field that is not the JSON that it should be, and NUL or a number of more than 64 bits inside of a free-form object.
"""
Product = dict[str, Any]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product as it starts on a laptop, with limits that a run of many thousand calls does not reach."""
    folder = open_to_all(tmp_path_factory.mktemp("data").resolve())
    many = "1000000"
    limits = {"RATE_LIMIT_MAX": many, "USER_RATE_LIMIT": many, "API_KEY_RATE_LIMIT": many, "PASSWORD_COST": "4"}
    with running("serve", "--json", "--port", "0", DATA_DIR=str(folder / "data"), **limits) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        yield json.loads(line) if line else pytest.fail(process.stderr.read())


def attack(product: Product, folder: Path, *arguments: str) -> None:
    """Every check, every operation. Fails with what Schemathesis has to say."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
            *("run", f"{product['baseUrl']}/schema/openapi.json"),
            *(
                "--checks",
                "all",
                "--max-examples",
                EXAMPLES,
                "--phases",
                "examples,coverage,fuzzing",
                "--seed",
                os.environ.get("SCHEMATHESIS_SEED", "1"),
            ),
            *("--continue-on-failure", "--no-color", *arguments),
        ],
        capture_output=True,
        text=True,
        timeout=10 * SECONDS,
        cwd=folder,
        env=environment() | {"HOME": str(folder)},
    )
    assert done.returncode == 0, _failures(done.stdout) or done.stderr[-2_000:]


def _failures(out: str) -> str:
    failures = out[out.find("= FAILURES =") :].split("= WARNINGS =", maxsplit=1)[0]
    return re.sub(r"\n{2,}", "\n", failures)[:6_000]


def _signed_in(product: Product, login: dict[str, str]) -> str:
    answer = httpx.post(f"{product['apiUrl']}/auth/login", json=login)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["accessToken"])


def attack_as(product: Product, folder: Path, credentials: str, *spared: str) -> None:
    """With these credentials alone: none that are made up stand beside them, which would be refused before anything else."""
    excluded = [part for name in (*HANDS_OUT_CREDENTIALS, *spared) for part in ("--exclude-operation-id", name)]
    attack(product, folder, "-H", credentials, "--generation-with-security-parameters", "false", *excluded)


def test_g73_nothing_that_an_api_key_sends_breaks_the_api(product: Product, tmp_path: Path) -> None:
    attack_as(product, tmp_path, f"X-API-Key: {product['apiKey']}")


@pytest.mark.parametrize("who", ["login", "operator"])
def test_g73_nothing_that_a_person_sends_breaks_the_api(product: Product, who: str, tmp_path: Path) -> None:
    token = _signed_in(product, product[who])
    attack_as(product, tmp_path, f"Authorization: Bearer {token}", *ENDS_THE_SESSION)


def test_g73_nothing_that_a_stranger_sends_breaks_the_api(product: Product, tmp_path: Path) -> None:
    attack(product, tmp_path)
