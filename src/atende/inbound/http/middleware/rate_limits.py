"""Calls are counted once their caller is known: keys and people by themselves, strangers and wrong credentials by their address."""

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
from atende.inbound.http.api.identity.accounts_wire import DEVICE_COOKIE
from atende.inbound.http.security.client_address import address_of

_PLACE = "atende.call_count"
_REMEMBERED = 10_000
Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(slots=True)
class CallCount:
    """How one request was counted, for the headers of its answer. `reset_at`: seconds since 1970."""

    address: str
    verdict: Verdict | None = None
    reset_at: int = 0
    exempt: bool = False


class CallLimits:
    """The counting of one application.

    Wrong credentials count for their address. When it has used up its window, credentials from there are not even looked at
    until the window ends, except those that were good from there before, and tokens that we signed: nobody guesses, and nobody is
    locked out by others.
    """

    def __init__(self, container: AsyncContainer, policy: RatePolicy) -> None:
        self._container, self._policy = container, policy
        self._refused: OrderedDict[str, int] = OrderedDict()
        self._good: OrderedDict[tuple[str, bytes], None] = OrderedDict()

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

    async def admit(self, call_count: CallCount, shown: bytes, *, signed: Callable[[], Awaitable[bool]]) -> None:
        """Before credentials are looked at. Raises RateLimitExceeded."""
        until = self._refused.get(call_count.address)
        if until is None or (call_count.address, shown) in self._good:
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
        """Credentials were wrong. Raises RateLimitExceeded instead when that was one time too many."""
        try:
            await self.count(call_count, Caller(address=call_count.address))
        except RateLimitExceeded:
            _remember(self._refused, call_count.address, call_count.reset_at)
            raise

    def succeeded(self, call_count: CallCount, shown: bytes) -> None:
        _remember(self._good, (call_count.address, shown), None)

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
    """For a request that arrives."""
    call_count = CallCount(counted_address(address))
    scope[_PLACE] = call_count  # type: ignore[literal-required]
    return call_count


async def count_anonymous(connection: Connection, handler: BaseRouteHandler) -> None:
    """A call to a public route. Probes and providers' callbacks are not counted. On the way in (`devices=True`) a device that
    somebody signed in on before is counted by itself: no stranger at its address can use that up. Raises RateLimitExceeded.
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
async def attempt(connection: Connection, *, signed: Callable[[], Awaitable[bool]]) -> AsyncIterator[None]:
    """Around finding out who calls: what fails counts for the address. `signed`: whether all that is shown are tokens that we
    signed, which nobody guesses. Raises RateLimitExceeded.
    """
    call_count, limits, shown = _call_count(connection), _limits(connection), _shown(connection)
    await limits.admit(call_count, shown, signed=signed)
    try:
        yield
    except Unauthenticated:
        await limits.failed(call_count)
        raise
    limits.succeeded(call_count, shown)


async def count(connection: Connection, handler: BaseRouteHandler, principal: Principal) -> None:
    """A call of somebody who is known. Raises RateLimitExceeded."""
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
    found = connection.scope.get(_PLACE)
    return found if isinstance(found, CallCount) else start_counting(connection.scope, address_of(connection.scope))


def _limits(connection: Connection) -> CallLimits:
    limits: CallLimits = connection.app.state.call_limits
    return limits


def _shown(connection: Connection) -> bytes:
    """A digest of the credentials: they themselves are not kept."""
    found = hashlib.blake2b(digest_size=16)
    for name, value in connection.scope["headers"]:
        if name in {b"x-api-key", b"authorization"}:
            found.update(b"%d:%d:" % (len(name), len(value)) + name + value)
    return found.digest()


def _remember(among: "OrderedDict[Any, Any]", key: object, value: object) -> None:
    among[key] = value
    among.move_to_end(key)
    if len(among) > _REMEMBERED:
        among.popitem(last=False)
