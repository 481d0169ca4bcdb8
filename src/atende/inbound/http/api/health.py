"""Health checks and metrics."""

import asyncio
from datetime import datetime
from enum import StrEnum

from dishka import FromDishka
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.openapi.datastructures import ResponseSpec

from atende.core.kernel import Clock, DomainError
from atende.core.limits.ports import LimitsWatch
from atende.core.work.model import JobHealth
from atende.core.work.ports import JobWatch
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.errors import problems
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire.structs import Out, WireResponse

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class State(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


class AliveOut(Out):
    status: State
    version: str


class HealthOut(Out):
    """`services`: the state of each part. `degraded`: names of the parts that are not `ok`."""

    status: State
    version: str
    timestamp: datetime
    services: dict[str, State]
    degraded: list[str]


_UNREADY = ResponseSpec(HealthOut, generate_examples=False, description="The database does not answer.")


class HealthController(ApiController):
    """Health checks and metrics."""

    tags = ("health",)

    @get(
        "/health/live",
        public=True,
        summary="Check that the process is alive",
        description="Touches nothing else, not even the database: any response means that the process runs.",
        response_description="The process runs.",
    )
    async def get_liveness(self, options: NamedDependency[WebOptions]) -> AliveOut:
        return AliveOut(status=State.OK, version=options.version)

    @get(
        "/health/ready",
        public=True,
        summary="Check that the process can serve requests",
        description="503 when the database does not answer. Jobs that wait too long make `jobs` degraded, an"
        " unreachable Redis makes `redis` degraded; neither stops requests from being served.",
        response_description="Requests are served; the status may be `degraded`.",
        responses=problems(public=True) | {503: _UNREADY},
    )
    async def get_readiness(
        self,
        options: NamedDependency[WebOptions],
        watch: FromDishka[JobWatch],
        limits: FromDishka[LimitsWatch],
        clock: FromDishka[Clock],
    ) -> Response[HealthOut]:
        return await _health_response(options, watch, limits, clock)

    @get(
        "/health",
        public=True,
        summary="Get the state of each part",
        description="The state of the database, of background jobs and, where it is used, of Redis. 503 when requests"
        " cannot be served.",
        response_description="Requests are served; the status may be `degraded`.",
        responses=problems(public=True) | {503: _UNREADY},
    )
    async def get_health(
        self,
        options: NamedDependency[WebOptions],
        watch: FromDishka[JobWatch],
        limits: FromDishka[LimitsWatch],
        clock: FromDishka[Clock],
    ) -> Response[HealthOut]:
        return await _health_response(options, watch, limits, clock)

    @get(
        "/metrics",
        public=True,
        summary="Get metrics for Prometheus",
        description="For the whole installation: the age of the oldest waiting job and of the most overdue lease, in"
        " seconds, and the number of dead letters. For this process: how many calls could not be counted"
        " in the shared store of rate limits.",
        media_type=MediaType.TEXT,
        response_description="Metrics in the text format of Prometheus.",
    )
    async def get_metrics(self, watch: FromDishka[JobWatch], limits: FromDishka[LimitsWatch]) -> Response[bytes]:
        return Response(_exposition(await watch.health(), limits), headers={"Content-Type": PROMETHEUS})


async def _health_response(
    options: WebOptions, watch: JobWatch, limits: LimitsWatch, clock: Clock
) -> WireResponse[HealthOut]:
    services = await _services(watch, limits, options)
    health = HealthOut(
        status=max(services.values(), key=list(State).index),
        version=options.version,
        timestamp=clock.now(),
        services=services,
        degraded=[name for name, state in services.items() if state is not State.OK],
    )
    return WireResponse(health, status_code=503 if health.status is State.DOWN else 200)


async def _services(watch: JobWatch, limits: LimitsWatch, options: WebOptions) -> dict[str, State]:
    redis = {"redis": State.OK if await limits.look() else State.DEGRADED} if limits.store == "redis" else {}
    return await _database_services(watch, options) | redis


async def _database_services(watch: JobWatch, options: WebOptions) -> dict[str, State]:
    try:
        async with asyncio.timeout(options.health_timeout):
            health = await watch.health()
    except (DomainError, TimeoutError):
        return {"database": State.DOWN, "jobs": State.DOWN}
    late = max(health.oldest_ready, health.expired_lease) > options.stalled_after
    return {"database": State.OK, "jobs": State.DEGRADED if late else State.OK}


def _exposition(health: JobHealth, limits: LimitsWatch) -> bytes:
    from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

    registry = CollectorRegistry()
    for name, text, value in (
        ("atende_jobs_oldest_ready_seconds", "Seconds that the oldest job has been ready to run.", health.oldest_ready),
        ("atende_jobs_expired_lease_seconds", "Seconds that the most overdue lease has expired.", health.expired_lease),
        ("atende_jobs_dead", "Jobs that failed for good and are not settled yet.", health.dead),
    ):
        Gauge(name, text, registry=registry).set(value)
    missed = "Calls that the shared store of rate limits could not count."
    Counter("atende_rate_limits_store_missed", missed, registry=registry).inc(limits.refused)
    return generate_latest(registry)
