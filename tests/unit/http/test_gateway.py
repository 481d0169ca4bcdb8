"""What every answer bears, and what never reaches a route."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import get, post
from litestar.params import JSONBody

from atende.core.identity.permissions import Permission
from atende.core.kernel import Unavailable
from atende.core.limits.model import Limit, Verdict
from atende.core.limits.policy import EndpointLimit, RatePolicy
from atende.core.limits.ports import RateLimits
from atende.fakes.ports.clock import FakeClock
from atende.inbound.http.app import WebOptions
from tests.figures import LONG_RUN, figure
from tests.unit.http.bare_app import bare_app, caller, messages_of, status_of

FEW = RatePolicy(strangers=3)
NOON = 1_772_442_000
"""09:00 of the clock that stands still, in seconds since 1970."""
LIMITS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


@get("/open", public=True)
async def opened() -> dict[str, int]:
    return {"a": 1}


@get("/own", public=True)
async def own() -> None:
    raise Unavailable


@get("/closed", permission=Permission.BILLING_READ)
async def closed() -> None:
    raise AssertionError


@get("/slow", public=True, limit=EndpointLimit(1, 10))
async def limited() -> None: ...


@post("/sign-in", public=True, sign_in=True)
async def sign_in() -> None: ...


@post("/read", public=True)
async def read(data: JSONBody[dict[str, int]]) -> int:
    return len(data)


def counted(answer: httpx.Response) -> tuple[int, ...]:
    return tuple(int(answer.headers[name]) for name in LIMITS)


async def test_every_answer_says_how_many_calls_are_left() -> None:
    app = bare_app(opened, own, closed, read, options=WebOptions(rates=RatePolicy(strangers=20)))
    async with caller(app) as anyone:
        left = 20
        for method, path, status in (
            ("GET", "/open", 200),
            ("GET", "/own", 503),
            ("GET", "/closed", 401),
            ("GET", "/nowhere", 404),
            ("POST", "/open", 405),
            ("OPTIONS", "/open", 204),
            ("POST", "/read", 400),
            ("GET", "/docs", 200),
            ("GET", "/schema/openapi.json", 200),
        ):
            answer = await anyone.request(method, path)
            left -= 1
            assert answer.status_code == status, path
            assert counted(answer) == (20, left, NOON + 60), path


async def test_one_call_too_many_is_told_when_to_come_back() -> None:
    clock = FakeClock()
    clock.advance(timedelta(seconds=17.5))
    app = bare_app(opened, clock=clock, options=WebOptions(rates=FEW))
    async with caller(app) as anyone:
        for path in ("/open", "/nowhere", "/open"):
            assert (await anyone.get(path)).status_code in {200, 404}
        for path in ("/open", "/nowhere"):
            answer = await anyone.get(path)
            assert answer.status_code == 429, path
            assert answer.headers["content-type"] == "application/problem+json"
            assert counted(answer) == (3, 0, NOON + 60)
            assert answer.headers["retry-after"] == "43"
            assert answer.headers["x-request-id"]
            assert answer.json() == {
                "type": "urn:atende:problem:rate-limit-exceeded",
                "title": "Too many requests",
                "status": 429,
                "detail": "Too many requests",
                "code": "RATE_LIMIT_EXCEEDED",
                "error": "Too many requests",
                "retryAfter": 43,
            }
        assert (await anyone.get("/health/live")).status_code == 200
        assert "x-ratelimit-limit" not in (await anyone.get("/health/live")).headers
    async with caller(app, address="203.0.113.7") as other:
        assert (await other.get("/open")).status_code == 200
    clock.advance(timedelta(seconds=42.5))
    async with caller(app) as anyone:
        assert counted(await anyone.get("/open")) == (3, 2, NOON + 120)


async def test_a_route_with_a_limit_of_its_own_says_so() -> None:
    app = bare_app(limited)
    async with caller(app) as anyone:
        assert counted(await anyone.get("/slow")) == (1, 0, NOON + 10)
        found = (await anyone.get("/slow")).json()
    assert (found["code"], found["error"]) == ("ENDPOINT_RATE_LIMIT_EXCEEDED", "Too many requests to this endpoint")
    assert found["retryAfter"] == 10


@LONG_RUN
async def test_g70_thousands_of_made_up_addresses_are_one_client() -> None:
    many = figure(500, full=5_000)
    for hops in (0, 1):
        app = bare_app(options=WebOptions(trusted_proxy_hops=hops))
        statuses = [
            await status_of(app, [(b"x-forwarded-for", b"10.%d.%d.%d%s" % (n >> 16, n >> 8 & 255, n & 255, told))])
            for told in [b", 203.0.113.7" if hops else b""]
            for n in range(many)
        ]
        assert (statuses.count(404), statuses.count(429)) == (100, many - 100)
        if hops:
            assert await status_of(app, [(b"x-forwarded-for", b"203.0.113.8")]) == 404, "another client of the proxy"


async def test_g70_an_ipv6_client_cannot_escape_within_its_network() -> None:
    app = bare_app(options=WebOptions(rates=FEW))
    statuses = [await status_of(app, [], client=(f"2001:db8:0:1::{n:x}", 1)) for n in range(10)]
    assert statuses.count(429) == 7
    assert await status_of(app, [], client=("2001:db8:0:2::1", 1)) == 404


async def test_g70_wrong_credentials_count_and_then_none_are_looked_at() -> None:
    app = bare_app(opened, closed, options=WebOptions(rates=FEW))
    async with caller(app) as anyone:
        answers = [await anyone.get("/closed") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
        assert counted(answers[4]) == (3, 0, NOON + 60)
        assert answers[4].headers["retry-after"] == "60"


class Away(RateLimits):
    async def hit(self, limits: Sequence[Limit], *, cost: int = 1) -> Verdict:
        raise Unavailable(retry_after=1)


async def test_g80_without_the_store_sign_in_waits_and_the_rest_is_capped() -> None:
    app = bare_app(opened, sign_in, shared=Away(), options=WebOptions(rates=RatePolicy(strangers=40)))
    async with caller(app) as anyone:
        refused = await anyone.post("/sign-in")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        statuses = [(await anyone.get("/open")).status_code for _ in range(12)]
    assert statuses == [200] * 9 + [429] * 3


async def test_answers_are_protected() -> None:
    async with caller(bare_app(opened, own)) as anyone:
        for path in ("/open", "/own", "/nowhere", "/health/live"):
            answer = await anyone.get(path)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert answer.headers["cache-control"] == "no-store"
            assert "strict-transport-security" not in answer.headers
        page = await anyone.get("/docs")
        assert page.headers.get_list("content-security-policy") == [page.headers["content-security-policy"]]
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-cache"
    async with caller(bare_app(opened, options=WebOptions(https=True))) as anyone:
        assert "max-age=31536000" in (await anyone.get("/open")).headers["strict-transport-security"]


async def test_head_is_get_without_its_body() -> None:
    app = bare_app(opened, read, options=WebOptions(rates=RatePolicy(strangers=6)))
    async with caller(app) as anyone:
        whole, head = await anyone.get("/open"), await anyone.head("/open")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == whole.headers["content-length"] == str(len(whole.content))
        assert head.headers["content-type"] == whole.headers["content-type"]
    for path, status in (("/read", 405), ("/nowhere", 404), ("/docs", 200), ("/open", 200), ("/open", 429)):
        start, *rest = await messages_of(app, method="HEAD", path=path)
        assert start["status"] == status
        assert b"".join(message["body"] for message in rest) == b""
        assert int(dict(start["headers"])[b"content-length"]) > 0


SHOP = "https://shop.example"


def asking(origin: str, method: str = "POST") -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x-api-key"}


async def test_pages_of_the_list_may_call_with_cookies_and_others_may_not() -> None:
    app = bare_app(opened, closed, options=WebOptions(rates=FEW, cors_origins=(SHOP, "http://localhost:3000")))
    async with caller(app) as browser:
        for _ in range(10):
            asked = await browser.options("/closed", headers=asking(SHOP))
            assert (asked.status_code, asked.content) == (204, b"")
            assert asked.headers["access-control-allow-origin"] == SHOP
            assert asked.headers["access-control-allow-credentials"] == "true"
            assert "PATCH" in asked.headers["access-control-allow-methods"]
            assert "X-API-Key" in asked.headers["access-control-allow-headers"]
            assert asked.headers["access-control-max-age"] == "600"
        for path, status in (("/open", 200), ("/closed", 401), ("/nowhere", 404), ("/open", 429)):
            answer = await browser.get(path, headers={"Origin": SHOP})
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == SHOP
            assert answer.headers["access-control-allow-credentials"] == "true"
            assert "X-RateLimit-Reset" in answer.headers["access-control-expose-headers"]
            assert answer.headers["vary"] == "Origin"


OTHERS = (
    "https://evil.example",
    "https://shop.example.evil.example",
    "http://shop.example",
    "https://SHOP.example",
    "null",
    "",
)


@pytest.mark.parametrize("allowed", [(SHOP,), ()])
async def test_other_pages_are_told_nothing(allowed: tuple[str, ...]) -> None:
    async with caller(bare_app(opened, options=WebOptions(cors_origins=allowed))) as browser:
        for origin in OTHERS:
            for answer in (
                await browser.options("/open", headers=asking(origin)),
                await browser.get("/open", headers={"Origin": origin}),
                await browser.get("/open"),
            ):
                assert [name for name in answer.headers if name.startswith("access-control-")] == [], origin
                assert answer.headers.get("vary") == ("Origin" if allowed else None)


async def test_anybody_may_be_let_in_without_cookies_only() -> None:
    async with caller(bare_app(opened, options=WebOptions(cors_origins=("*", SHOP)))) as browser:
        anybody = await browser.get("/open", headers={"Origin": "https://else.example"})
        assert anybody.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in anybody.headers
        asked = await browser.options("/open", headers=asking("null"))
        assert asked.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in asked.headers
        known = await browser.get("/open", headers={"Origin": SHOP})
        assert known.headers["access-control-allow-origin"] == SHOP
        assert known.headers["access-control-allow-credentials"] == "true"


async def test_hosts_that_are_not_ours_are_refused() -> None:
    app = bare_app(opened, options=WebOptions(allowed_hosts=("api.example", "[::1]")))
    async with caller(app) as anyone:
        for host, status in (
            ("api.example", 200),
            ("API.example:8000", 200),
            ("[::1]", 200),
            ("[::1]:8000", 200),
            ("evil.example", 400),
            ("api.example.evil.example", 400),
            ("", 400),
        ):
            answer = await anyone.get("/open", headers={"Host": host})
            assert answer.status_code == status, host
        refused = await anyone.get("/open", headers={"Host": "evil.example"})
        assert (refused.json()["code"], refused.headers["x-frame-options"]) == ("WRONG_HOST", "DENY")
        assert (await anyone.get("/health/live", headers={"Host": "10.1.2.3:8000"})).status_code == 200


async def test_g75_a_body_that_never_comes_is_given_up() -> None:
    app = bare_app(read, options=WebOptions(body_timeout=0.05))

    async def stuck() -> AsyncIterator[bytes]:
        yield b'{"a"'
        await asyncio.Event().wait()

    async with caller(app) as slow:
        answer = await slow.post("/read", content=stuck(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (408, "REQUEST_TIMEOUT")
    assert answer.headers["connection"] == "close"


async def test_g75_what_has_come_of_a_body_buys_it_time() -> None:
    """The first part is late by any clock but its own: 1,000 bytes at 1 byte a second are a quarter of an hour."""
    app = bare_app(read, options=WebOptions(body_timeout=0.05, body_bytes_per_second=1.0))
    gate = asyncio.Event()

    async def halting() -> AsyncIterator[bytes]:
        yield b" " * 1_000
        asyncio.get_running_loop().call_later(0.1, gate.set)
        await gate.wait()
        yield b'{"a": 1}'

    async with caller(app) as slow:
        answer = await slow.post("/read", content=halting(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()) == (201, 1)


def test_the_headers_are_documented() -> None:
    schema: Any = bare_app().openapi_schema.to_schema()
    for path in schema["paths"].values():
        for operation in path.values():
            assert "429" in operation["responses"]
            good = next(answer for status, answer in operation["responses"].items() if status < "300")
            assert {name.lower() for name in good["headers"]} >= set(LIMITS)
