"""Counts calls once their caller is known: API keys and users each for themselves, anonymous and failed calls by address."""

import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from dishka import AsyncContainer
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import Scope

from atende.core.audit.model import ActorKind
from atende.core.identity.accounts.login_limits import LoginLimits
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, Unauthenticated
from atende.core.limits.addresses import counted_address
from atende.core.limits.count_call import CountCall
from atende.core.limits.model import RateLimitExceeded, Verdict
from atende.core.limits.policy import Caller, EndpointLimit, PlanLimits, RatePolicy, require
from atende.core.tenancy.ports import Entitlements
from atende.inbound.http.security.client_address import DEVICE_COOKIE, address_of

_SCOPE_KEY = "atende.call_count"
_MAX_REMEMBERED = 10_000
Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(slots=True)
class CallCount:
    """How one request was counted, for the headers of its response. `reset_at`: seconds since 1970."""

    address: str
    verdict: Verdict | None = None
    reset_at: int = 0
    exempt: bool = False


class CallLimits:
    """Counts the calls of one application.

    Failed authentication counts for the address. An address that has used up its window is refused until the window ends without a
    look at its credentials, except for those that worked from there before and tokens signed by us. So nobody can guess
    credentials, and nobody can lock out others.
    """

    def __init__(self, container: AsyncContainer, policy: RatePolicy) -> None:
        self._container, self._policy = container, policy
        self._refused: OrderedDict[str, int] = OrderedDict()
        self._known_good: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    async def count(self, call_count: CallCount, caller: Caller, handler: BaseRouteHandler | None = None) -> None:
        """Raises RateLimitExceeded; Unavailable on a route that signs people in, while calls cannot be counted."""
        opt = {} if handler is None else handler.opt
        endpoint = opt.get("limit")
        limits = self._policy.limits(
            caller,
            plan=await self._plan(caller, plan_limited=opt.get("plan_limited") is True),
            route="" if handler is None else handler.handler_name,
            endpoint=endpoint if isinstance(endpoint, EndpointLimit) else None,
        )
        count_call = await self._container.get(CountCall)
        await self._note(call_count, await count_call(limits, strict=opt.get("sign_in") is True))
        assert call_count.verdict is not None
        require(call_count.verdict)

    async def admit(self, call_count: CallCount, credentials: bytes, *, signed: Callable[[], Awaitable[bool]]) -> None:
        """Call before looking at credentials. Raises RateLimitExceeded."""
        until = self._refused.get(call_count.address)
        if until is None or (call_count.address, credentials) in self._known_good:
            return
        left = until - (await self._now())
        if left <= 0:
            del self._refused[call_count.address]
            return
        if await signed():
            return
        verdict = Verdict(allowed=False, limit=self._policy.strangers, remaining=0, reset_after=left)
        await self._note(call_count, verdict)
        raise RateLimitExceeded(retry_after=left)

    async def failed(self, call_count: CallCount) -> None:
        """Call for wrong credentials. Raises RateLimitExceeded when that was one call too many."""
        try:
            await self.count(call_count, Caller(address=call_count.address))
        except RateLimitExceeded:
            _remember(self._refused, call_count.address, call_count.reset_at)
            raise

    def succeeded(self, call_count: CallCount, credentials: bytes) -> None:
        _remember(self._known_good, (call_count.address, credentials), None)

    async def _plan(self, caller: Caller, *, plan_limited: bool) -> PlanLimits | None:
        if caller.organization_id is None or not self._policy.asks_plan(caller, plan_limited=plan_limited):
            return None
        entitlements: Entitlements = await self._container.get(Entitlements)
        allowance = await entitlements.of(caller.organization_id)
        return PlanLimits(
            per_minute=allowance.whole("api_requests_per_minute"),
            per_day=allowance.whole("api_requests_per_day"),
            people_per_minute=allowance.whole("session_requests_per_minute"),
        )

    async def _note(self, call_count: CallCount, verdict: Verdict) -> None:
        call_count.verdict = verdict
        call_count.reset_at = round(await self._now() + verdict.reset_after)

    async def _now(self) -> float:
        clock: Clock = await self._container.get(Clock)
        return clock.now().timestamp()


def start_counting(scope: Scope, address: str) -> CallCount:
    """For an incoming request from this address."""
    call_count = CallCount(counted_address(address))
    scope[_SCOPE_KEY] = call_count  # type: ignore[literal-required]
    return call_count


def exempt(scope: Scope) -> None:
    """The call of this scope is not counted."""
    call_count = scope.get(_SCOPE_KEY)
    if isinstance(call_count, CallCount):
        call_count.exempt = True


async def count_anonymous(connection: Connection, handler: BaseRouteHandler) -> None:
    """Counts a call to a public route; health checks and callbacks of providers are exempt. On routes for signing in
    (`devices=True`) a device that somebody signed in on before is counted for itself, so that nobody else at its address
    can lock it out.

    Raises RateLimitExceeded.
    """
    call_count = _call_count(connection)
    if not isinstance(handler, HTTPRouteHandler) or handler.opt.get("uncounted") is True:
        call_count.exempt = True
        return
    device = await _known_device(connection) if handler.opt.get("devices") is True else ""
    await _limits(connection).count(call_count, Caller(address=call_count.address, device=device), handler)


async def _known_device(connection: Connection) -> str:
    shown = connection.cookies.get(DEVICE_COOKIE, "")
    if not shown:
        return ""
    container: AsyncContainer = connection.state.dishka_container
    login_limits, clock = await container.get(LoginLimits), await container.get(Clock)
    return login_limits.whose(shown, now=clock.now())


@asynccontextmanager
async def authentication_attempt(
    connection: Connection, *, signed: Callable[[], Awaitable[bool]]
) -> AsyncIterator[None]:
    """Wraps authentication: failures count for the address. `signed`: whether all credentials are tokens signed by us, which nobody
    can guess. Raises RateLimitExceeded.
    """
    call_count, limits, credentials = _call_count(connection), _limits(connection), _credentials_digest(connection)
    await limits.admit(call_count, credentials, signed=signed)
    try:
        yield
    except Unauthenticated:
        await limits.failed(call_count)
        raise
    limits.succeeded(call_count, credentials)


async def count(connection: Connection, handler: BaseRouteHandler, principal: Principal) -> None:
    """Counts a call of a known caller. Raises RateLimitExceeded."""
    call_count = _call_count(connection)
    by_key = principal.actor.kind is ActorKind.KEY
    caller = Caller(
        address=call_count.address,
        key_id=principal.actor.id if by_key else None,
        user_id=None if by_key else principal.user_id,
        organization_id=principal.organization_id if principal.has_organization else None,
        per_minute=principal.per_minute,
        per_day=principal.per_day,
    )
    await _limits(connection).count(call_count, caller, handler)


def _call_count(connection: Connection) -> CallCount:
    found = connection.scope.get(_SCOPE_KEY)
    return found if isinstance(found, CallCount) else start_counting(connection.scope, address_of(connection.scope))


def _limits(connection: Connection) -> CallLimits:
    limits: CallLimits = connection.app.state.call_limits
    return limits


def _credentials_digest(connection: Connection) -> bytes:
    """The credentials themselves are not kept."""
    found = hashlib.blake2b(digest_size=16)
    for name, value in connection.scope["headers"]:
        if name in {b"x-api-key", b"authorization"}:
            found.update(b"%d:%d:" % (len(name), len(value)) + name + value)
    return found.digest()


def _remember(among: "OrderedDict[Any, Any]", key: object, value: object) -> None:
    among[key] = value
    among.move_to_end(key)
    if len(among) > _MAX_REMEMBERED:
        among.popitem(last=False)
