"""Every error as problem details (RFC 9457), with the one table of statuses."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import structlog
from litestar import Request
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import Send

from atende.core.kernel import (
    Conflict,
    DomainError,
    InsufficientCredits,
    Invalid,
    NotAllowed,
    NotFound,
    Retryable,
    Unauthenticated,
)
from atende.core.limits.model import RateLimitExceeded
from atende.inbound.http.wire.enums import allowed_values
from atende.inbound.http.wire.structs import EMAIL, Out, WireResponse

log = structlog.get_logger(__name__)

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER = 5.0
"""Seconds to wait after a Retryable that names none."""

STATUS: dict[type[DomainError], int] = {
    Unauthenticated: 401,
    InsufficientCredits: 402,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    RateLimitExceeded: 429,
    Retryable: 503,
}
"""The first base class in this table decides. An error that is both Conflict and Retryable is a 409 with Retry-After."""

HTTP_PROBLEMS: dict[int, tuple[str, str]] = {
    400: ("VALIDATION_ERROR", "The request is not valid"),
    401: ("UNAUTHENTICATED", "Credentials are missing or wrong"),
    402: ("INSUFFICIENT_CREDITS", "Insufficient credits"),
    403: ("NOT_ALLOWED", "You are not allowed to do this"),
    404: ("NOT_FOUND", "This does not exist, or you have no access to it"),
    405: ("METHOD_NOT_ALLOWED", "This path does not support the method"),
    408: ("REQUEST_TIMEOUT", "The request took too long to arrive"),
    409: ("CONFLICT", "This conflicts with the present state"),
    413: ("PAYLOAD_TOO_LARGE", "The body is too large"),
    415: ("UNSUPPORTED_MEDIA_TYPE", "The content type is not supported"),
    422: ("INVALID", "The input is not valid"),
    429: ("RATE_LIMIT_EXCEEDED", "Too many requests"),
    500: ("INTERNAL_ERROR", "Internal error"),
    503: ("UNAVAILABLE", "Temporarily unavailable"),
}
"""Code and title by status, for errors that the framework raises."""

RESPONSE_DESCRIPTIONS = {
    400: "The request is not valid; `errors` names the fields.",
    401: "The credentials are missing, wrong or expired.",
    402: "The organization has too few credits; `required` and `balance` say how many.",
    403: "The caller lacks the permission, or is suspended.",
    404: "This does not exist, or the caller has no access to it.",
    409: "This conflicts with the present state; `code` says how.",
    413: "The body is too large.",
    422: "The input cannot be processed; `detail` says why.",
    429: "Too many requests; try again after `retryAfter` seconds.",
    500: "Internal error. It has been logged.",
    503: "Temporarily unavailable; try again after `retryAfter` seconds.",
}
"""For the OpenAPI."""

_ADVICE = {
    404: "there is nothing at this path; /docs lists the paths of the API",
    405: "this path does not support the method; the header Allow lists those that it supports",
}
_OTHER_NAMES = {"data": "body", "project_header": "X-Project-Id"}
_NO_SUCH_VALUE = "Invalid enum value "


class FieldError(Out):
    path: str
    message: str


class Problem(Out, omit_defaults=True):
    """The body of every error. `code` is stable and meant for programs; `detail` (and `error`, the same text) is for people.

    Some codes come with more fields, for example `required` and `balance` (credits) with INSUFFICIENT_CREDITS.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    error: str
    errors: list[FieldError] | None = None
    retry_after: int | None = None


def problem(
    status: int,
    *,
    code: str,
    title: str,
    detail: str,
    extras: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    retry_after: float | None = None,
) -> WireResponse[dict[str, Any]]:
    """The response. `extras` become fields at the top level; `retry_after` (seconds) goes into the body and the header."""
    content = {_camel(name): value for name, value in (extras or {}).items()}
    sent = dict(headers or {})
    if retry_after is not None:
        content["retryAfter"] = math.ceil(max(retry_after, 0))
        sent["Retry-After"] = str(content["retryAfter"])
    if status == 401:
        sent["WWW-Authenticate"] = "Bearer"
    content |= {
        "type": f"urn:atende:problem:{code.lower().replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "error": detail,
    }
    return WireResponse(content, status_code=status, media_type=PROBLEM_JSON, headers=sent)


async def send_problem(answer: WireResponse[dict[str, Any]], send: Send, *, head: bool = False) -> None:
    """Sends it outside of the framework. With `head` the body is left out."""
    body = msgspec.json.encode(answer.content)
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    headers += [(b"content-type", PROBLEM_JSON.encode()), (b"content-length", b"%d" % len(body))]
    status = answer.status_code or 200
    start: Any = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": b"" if head else body, "more_body": False})


def status_of(error: DomainError) -> int:
    return _status_of_class(type(error))


def _status_of_class(error: type[DomainError]) -> int:
    return next(STATUS[base] for base in error.__mro__ if base in STATUS)


def _code(error: type[DomainError]) -> str:
    return error.__new__(error).code  # it depends on the class alone


def _title(error: type[DomainError]) -> str:
    return (error.__doc__ or error.__name__).split("\n")[0].rstrip(".")


def domain_problem(_: Request[Any, Any, Any], error: DomainError) -> WireResponse[dict[str, Any]]:
    return known_problem(error) if isinstance(error, tuple(STATUS)) else unexpected_error(_, error)


def known_problem(error: DomainError) -> WireResponse[dict[str, Any]]:
    """For an error with a status in STATUS."""
    wait = None
    if isinstance(error, Retryable):
        wait = RETRY_AFTER if error.retry_after is None else error.retry_after
    return problem(
        status_of(error),
        code=error.code,
        title=_title(type(error)),
        detail=error.detail,
        extras=error.extras,
        retry_after=wait,
    )


def http_problem(request: Request[Any, Any, Any], error: HTTPException) -> WireResponse[dict[str, Any]]:
    """Errors of the framework: unknown routes and methods, bodies that are too large, invalid parameters and bodies."""
    if error.status_code >= 500 and error.status_code != 503:
        return unexpected_error(request, error)
    code, title = HTTP_PROBLEMS.get(error.status_code, ("BAD_REQUEST", "The request is not valid"))
    headers = {name.title(): value for name, value in (error.headers or {}).items()}
    wait = headers.get("Retry-After", "")
    retry_after = float(wait) if wait.isdigit() else None
    if isinstance(error, ValidationException):
        errors = _field_errors(error.extra, request.scope.get("route_handler"))
        detail = "; ".join(f"{e.path}: {e.message}" for e in errors)[:500] or error.detail
        return problem(error.status_code, code=code, title=title, detail=detail, extras={"errors": errors})
    detail = _ADVICE.get(error.status_code, error.detail)
    return problem(error.status_code, code=code, title=title, detail=detail, headers=headers, retry_after=retry_after)


def unexpected_error(request: Request[Any, Any, Any], error: Exception) -> WireResponse[dict[str, Any]]:
    """Logs a bug in full, and tells the caller nothing of it."""
    log.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
    code, title = HTTP_PROBLEMS[500]
    return problem(500, code=code, title=title, detail="this is our fault and has been logged; try again later")


@dataclass
class _ProblemResponse(ResponseSpec):
    """Not copied: the framework copies every handler with its responses, several times over."""

    def __deepcopy__(self, _: dict[int, Any]) -> "_ProblemResponse":
        return self


_PROBLEM_RESPONSES = {
    status: _ProblemResponse(Problem, generate_examples=False, description=text, media_type=PROBLEM_JSON)
    for status, text in RESPONSE_DESCRIPTIONS.items()
}


def problems(*more: int | type[DomainError], public: bool = False) -> dict[int, ResponseSpec]:
    """For the OpenAPI: the errors that a route may answer with. `more` adds to those that every route has: statuses, and
    errors with a code of their own, which are explained.
    """
    usual = (429, 500, 503) if public else (400, 401, 403, 404, 429, 500, 503)
    errors = [one for one in more if not isinstance(one, int)]
    explained = {status: [one for one in errors if _status_of_class(one) == status] for status in STATUS.values()}
    statuses = {*usual, *(one if isinstance(one, int) else _status_of_class(one) for one in more)}
    return {
        status: _problem_response(status, explained[status]) if explained.get(status) else _PROBLEM_RESPONSES[status]
        for status in sorted(statuses)
    }


def _problem_response(status: int, errors: Sequence[type[DomainError]]) -> ResponseSpec:
    codes = "".join(f"\n- `{_code(error)}`: {_title(error)}." for error in errors)
    return replace(_PROBLEM_RESPONSES[status], description=f"{RESPONSE_DESCRIPTIONS[status]}\n{codes}")


def _field_errors(extra: object, handler: BaseRouteHandler | None) -> list[FieldError]:
    found = [item for item in extra if isinstance(item, dict)] if isinstance(extra, list) else []
    return [FieldError(path=_path(item), message=_message(item, handler)) for item in found]


def _path(item: Mapping[str, Any]) -> str:
    key = str(item.get("key", ""))
    return _OTHER_NAMES.get(key) or _camel(key)


def _message(item: Mapping[str, Any], handler: BaseRouteHandler | None) -> str:
    """Adds the allowed values to the framework's message where there is a list of them."""
    message = str(item.get("message", "is not valid"))
    if message == "'data'":
        return "a body is required"
    if repr(EMAIL) in message:
        return "this is not an e-mail address"
    if message.startswith(_NO_SUCH_VALUE) and (values := allowed_values(handler, str(item.get("key", "")))):
        return f"{message.removeprefix(_NO_SUCH_VALUE)} is none of {', '.join(values)}"
    return message


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
