"""Every error as problem details: one status for each, one shape for all, nothing of ours told."""

import json
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Literal
from uuid import UUID

import httpx
import pytest
from litestar import get, post
from litestar.exceptions import HTTPException, ServiceUnavailableException, TooManyRequestsException
from litestar.params import FromQuery, JSONBody
from structlog.testing import capture_logs

from atende.core import kernel
from atende.core.conversation.model import ReplyInFlight, TakenOver
from atende.core.credits.model import CaptureTooLarge, HoldNotFound, HoldResolved
from atende.core.kernel import (
    Conflict,
    DomainError,
    InsufficientCredits,
    Invalid,
    InvalidState,
    NotAllowed,
    NotFound,
    Retryable,
    Unauthenticated,
    Unavailable,
)
from atende.core.knowledge.document import UnreadableDocument
from atende.core.limits.policy import RatePolicy
from atende.inbound.http.app import WebOptions
from atende.inbound.http.errors import HTTP_PROBLEMS, STATUS, status_of
from atende.inbound.http.wire.structs import EmailText, In
from tests.unit.http.bare_app import bare_app

Json = dict[str, Any]


class OutOfNowhere(DomainError):
    """An error that stands below no base of the table."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():
        yield


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Inner(In):
    size: Literal["S", "M"] = "S"


class Chosen(In):
    colour: Colour | None = None
    inner: Inner | None = None
    email: EmailText | None = None
    amount: int = 0


class Failing:
    """An app whose route `/fail` fails as it is told."""

    def __init__(self) -> None:
        self.error: Exception = NotFound()

        @get("/fail", public=True)
        async def fail() -> None:
            raise self.error

        @get("/number", public=True)
        async def number(page: FromQuery[int]) -> int:
            return page

        @post("/chosen", public=True)
        async def chosen(data: JSONBody[Chosen], colour: FromQuery[Colour | None] = None) -> str:
            return f"{colour} {data}"

        @post("/written", public=True)
        async def written() -> None:
            """Takes no other method."""

        generous = WebOptions(rates=RatePolicy(strangers=10_000))
        self.app = bare_app(fail, number, chosen, written, options=generous)


@cache
def failing() -> Failing:
    return Failing()


async def answer_to(error: Exception, path: str = "/fail") -> httpx.Response:
    failing().error = error
    transport = httpx.ASGITransport(failing().app)  # type: ignore[arg-type]  # the two spell ASGI differently
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as caller:
        return await caller.get(path)


@pytest.mark.parametrize(
    ("error", "status", "code", "title"),
    [
        (Unauthenticated(), 401, "UNAUTHENTICATED", "Credentials are missing or wrong"),
        (InsufficientCredits(), 402, "INSUFFICIENT_CREDITS", "Insufficient credits"),
        (NotAllowed(), 403, "NOT_ALLOWED", "You are not allowed to do this"),
        (NotFound(), 404, "NOT_FOUND", "This does not exist, or you have no access to it"),
        (HoldNotFound(), 404, "HOLD_NOT_FOUND", "There is no such hold here"),
        (Conflict(), 409, "CONFLICT", "This conflicts with the present state"),
        (InvalidState(), 409, "INVALID_STATE", "This is not possible in the present state"),
        (TakenOver(), 409, "TAKEN_OVER", "A person attends this conversation; the agent keeps quiet"),
        (CaptureTooLarge(), 409, "CAPTURE_TOO_LARGE", None),
        (ReplyInFlight(), 409, "REPLY_IN_FLIGHT", None),
        (Invalid(), 422, "INVALID", "The input is not valid"),
        (UnreadableDocument(), 422, "UNREADABLE_DOCUMENT", "This file cannot be read"),
        (Retryable(), 503, "RETRYABLE", "Try again later"),
        (Unavailable(), 503, "UNAVAILABLE", "A system that we depend on does not respond"),
    ],
)
async def test_each_domain_error_is_one_problem(error: DomainError, status: int, code: str, title: str | None) -> None:
    answer = await answer_to(error)
    found: Json = answer.json()
    assert answer.status_code == status == status_of(error)
    assert answer.headers["content-type"] == "application/problem+json"
    assert found["title"] == (title or found["title"])
    assert {key: found[key] for key in ("type", "status", "detail", "code", "error")} == {
        "type": f"urn:atende:problem:{code.lower().replace('_', '-')}",
        "status": status,
        "detail": error.detail,
        "code": code,
        "error": error.detail,
    }


def test_the_table_covers_every_base_of_the_kernel() -> None:
    bases = {
        value
        for value in vars(kernel).values()
        if isinstance(value, type) and issubclass(value, DomainError) and value is not DomainError
    }
    assert {status_of(base()) for base in bases} | {429} == set(STATUS.values())
    assert {*STATUS.values(), 400, 413, 429, 500} <= set(HTTP_PROBLEMS)


async def test_extras_stand_at_the_top_level_in_whole_credits() -> None:
    answer = await answer_to(InsufficientCredits(required=Decimal("1.5"), balance=Decimal(10), hold_id=UUID(int=1)))
    assert b'"required":1.5,"balance":10,' in answer.content
    assert answer.json()["holdId"] == str(UUID(int=1))
    clash = (await answer_to(HoldResolved("gone", status="mine", code="MINE"))).json()
    assert (clash["status"], clash["code"], clash["detail"]) == (409, "HOLD_RESOLVED", "gone")


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (Unavailable(), "5"),
        (Unavailable(retry_after=0.2), "1"),
        (Unavailable(retry_after=-3), "0"),
        (ReplyInFlight(retry_after=12), "12"),
        (TooManyRequestsException(headers={"retry-after": "7"}), "7"),
        (Conflict(), None),
        (ServiceUnavailableException(), None),
    ],
)
async def test_who_is_to_come_back_is_told_when(error: Exception, seconds: str | None) -> None:
    answer = await answer_to(error)
    assert answer.headers.get("retry-after") == seconds
    assert answer.json().get("retryAfter") == (int(seconds) if seconds else None)


async def test_what_the_framework_refuses_has_the_same_shape() -> None:
    wrong = (await answer_to(NotFound(), "/number?page=x")).json()
    assert (wrong["status"], wrong["code"]) == (400, "VALIDATION_ERROR")
    assert wrong["errors"] == [{"path": "page", "message": "Expected `int`, got `str`"}]
    assert wrong["detail"] == wrong["error"] == "page: Expected `int`, got `str`"
    for path, status, code in (("/nowhere", 404, "NOT_FOUND"), ("/written", 405, "METHOD_NOT_ALLOWED")):
        answer = await answer_to(NotFound(), path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
    throttled = (await answer_to(TooManyRequestsException())).json()
    assert (throttled["status"], throttled["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    rare = (await answer_to(HTTPException(status_code=418, detail="short and stout"))).json()
    assert (rare["status"], rare["code"], rare["detail"]) == (418, "BAD_REQUEST", "short and stout")


async def test_what_is_refused_says_what_would_be_taken() -> None:
    async def said(path: str, **sent: Any) -> str:
        transport = httpx.ASGITransport(failing().app)  # type: ignore[arg-type]  # the two spell ASGI differently
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as caller:
            return str((await caller.request("POST", path, **sent)).json()["detail"])

    assert await said("/chosen?colour=pink", json={}) == "colour: 'pink' is none of red, green"
    assert await said("/chosen", json={"colour": "pink"}) == "colour: 'pink' is none of red, green"
    assert await said("/chosen", json={"inner": {"size": "XL"}}) == "inner.size: 'XL' is none of S, M"
    assert await said("/chosen", json={"email": "ana.example.com"}) == "email: this is not an e-mail address"
    assert await said("/chosen", json={"amount": "x"}) == "amount: Expected `int`, got `str`"
    assert await said("/nowhere") == "there is nothing at this path; /docs lists the paths of the API"


@pytest.mark.parametrize(
    "error", [RuntimeError("secret"), OutOfNowhere("secret"), HTTPException("secret", status_code=500)]
)
async def test_a_mistake_of_ours_is_logged_and_not_told(error: Exception) -> None:
    with capture_logs() as logs:
        answer = await answer_to(error)
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert "secret" not in json.dumps(answer.json())
    assert type(error).__name__ not in answer.text
    (line,) = logs
    assert (line["event"], line["path"], line["exc_info"]) == ("request_failed", "/fail", error)
