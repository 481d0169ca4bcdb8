"""Guarantee 67: access tokens cannot be forged or confused, and their keys can be changed while they are in use."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from atende.core.identity.ports import AccessTokens
from atende.core.identity.principal import Claims
from atende.core.kernel import Invalid, Unauthenticated
from atende.core.limits.policy import RatePolicy
from atende.inbound.http.options import WebOptions
from atende.main.providers.credentials import signing_keys
from atende.main.settings import Settings, SettingsError
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.security.jwt import JwtAccessTokens, hs256, rs256
from tests.databases import Databases
from tests.integration.accounts.forged_tokens import VECTORS, Forger
from tests.world.people import PeopleWorld, make_people_world

SECRET, OTHER = "first secret of thirty-two characters", "other secret of thirty-two characters"
UNCOUNTED = WebOptions(aliases=False, credential_cache_seconds=0, rates=RatePolicy(strangers=1_000_000))
PRODUCTION = {"database_url": "postgresql://x/y", "app_env": "production", "encryption_key": "ab" * 32}
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLAIMS = Claims(user_id=uuid4(), session_id=uuid4(), session_version=3, organization_id=uuid4(), project_id=uuid4())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PeopleWorld]:
    folder: Path = tmp_path_factory.mktemp("tokens")
    async with (
        databases.one() as database,
        make_people_world(database, folder, jwt_secret=SECRET, options=UNCOUNTED) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def refused() -> list[bytes]:
    """What forgers were answered."""
    return []


@pytest.mark.guarantee(67)
@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.asyncio(loop_scope="module")
async def test_g67_a_forged_token_is_nobody(name: str, world: PeopleWorld, refused: list[bytes]) -> None:
    person = await world.person("ana")
    assert (await person.get("/users/me")).status_code == 200
    token = VECTORS[name](Forger(person.token, SECRET.encode(), f"rt_{uuid4().hex}_1_{'x' * 43}"))
    assert token != person.token
    answer = await world.call("GET", "/users/me", headers={"Authorization": f"Bearer {token}".encode()})
    body = answer.content
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    refused.append(body)
    assert body == refused[0]
    assert not any(word in answer.text.lower() for word in ("expired", "signature", "audience", "issuer", "kid", "alg"))


@pytest.mark.guarantee(67)
def test_g67_there_are_enough_forgeries() -> None:
    assert len(VECTORS) >= 40


def tokens(*keys: str) -> JwtAccessTokens:
    return JwtAccessTokens([hs256(key) for key in keys], issuer="us", audience="atende", life=timedelta(minutes=15))


@pytest.mark.guarantee(67)
def test_g67_the_key_changes_while_tokens_are_in_use() -> None:
    before, both, after = tokens(SECRET), tokens(OTHER, SECRET), tokens(OTHER)
    old, new = before.mint(CLAIMS, NOW), both.mint(CLAIMS, NOW)
    assert both.read(old, NOW) == both.read(new, NOW) == after.read(new, NOW) == CLAIMS
    for reader, token in ((after, old), (before, new)):
        with pytest.raises(Unauthenticated):
            reader.read(token, NOW)


@pytest.mark.guarantee(67)
def test_g67_a_token_lives_for_its_minutes_and_a_wrong_clock() -> None:
    ours = tokens(SECRET)
    made = ours.mint(CLAIMS, NOW)
    for seconds in (-30, 0, 899, 929):
        assert ours.read(made, NOW + timedelta(seconds=seconds)) == CLAIMS
    for seconds in (-31, 930, 10**6):
        with pytest.raises(Unauthenticated):
            ours.read(made, NOW + timedelta(seconds=seconds))


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture(scope="module")
def pair() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    first, second = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    return first, second


@pytest.mark.guarantee(67)
def test_g67_rs256_keys_change_too(pair: tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]) -> None:
    first, second = pair

    def made(*keys: str) -> JwtAccessTokens:
        return JwtAccessTokens([rs256(key) for key in keys], issuer="us", audience="a", life=timedelta(minutes=15))

    before, both, after = made(pem(first)), made(pem(second), public_pem(first)), made(pem(second))
    old, new = before.mint(CLAIMS, NOW), both.mint(CLAIMS, NOW)
    assert both.read(old, NOW) == both.read(new, NOW) == after.read(new, NOW) == CLAIMS
    with pytest.raises(Unauthenticated):
        after.read(old, NOW)
    assert len({key["kid"] for key in both.public_keys()}) == 2
    assert all(set(key) == {"kty", "n", "e", "kid", "use", "alg"} for key in both.public_keys())  # nothing private
    assert tokens(SECRET).public_keys() == []


@pytest.mark.guarantee(67)
async def test_g67_the_public_keys_are_published(
    database: Urls, pair: tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey], tmp_path: Path
) -> None:
    import jwt

    file = tmp_path / "key.pem"
    file.write_text(pem(pair[0]))
    async with make_people_world(database, tmp_path, jwt_algorithm="RS256", jwt_private_key=str(file)) as world:
        person = await world.person("ana")
        assert (await person.get("/users/me")).status_code == 200
        [key] = (await world.call("GET", "http://atende.test/.well-known/jwks.json")).json()["keys"]
        assert jwt.get_unverified_header(person.token)["kid"] == key["kid"]
        told = jwt.decode(person.token, jwt.PyJWK(key).key, algorithms=["RS256"], audience="atende")
        assert told["sub"] == str(person.id)
        ours = await world.container.get(AccessTokens)
        assert ours.read(person.token, datetime.now(UTC)).user_id == person.id


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"jwt_algorithm": "RS256"}, "JWT_PRIVATE_KEY is missing"),
        ({"jwt_algorithm": "RS256", "jwt_private_key": "/no/such/file"}, "neither a key in PEM nor a file"),
        ({"jwt_algorithm": "RS256", "jwt_private_key": "-----BEGIN PRIVATE KEY-----\nx"}, "not an RSA key in PEM"),
        ({"jwt_secret": "short"}, "JWT_SECRET must have at least 32 characters"),
        ({"jwt_secrets_previous": f"{SECRET},short"}, "JWT_SECRETS_PREVIOUS must have"),
        ({"jwt_secret": SECRET, "jwt_refresh_secret": SECRET}, "must not be the same"),
        ({"jwt_expires_in": "forever"}, "JWT_EXPIRES_IN"),
        ({"jwt_expires_in": "30d"}, "between a minute and a day"),
        ({"jwt_algorithm": "none"}, "JWT_ALGORITHM"),
        (PRODUCTION, "JWT_SECRET is missing"),
        (PRODUCTION | {"jwt_secret": SECRET}, "JWT_REFRESH_SECRET is missing"),
        ({}, "ENCRYPTION_KEY is missing"),
    ],
)
def test_keys_that_the_start_refuses(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        signing_keys(Settings(public_url="https://x.example", **given))  # type: ignore[arg-type]


def test_a_small_rsa_key_is_refused(tmp_path: Path) -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    with pytest.raises(Invalid, match="2048 bits"):
        rs256(pem(small))
