"""The web application: controllers under each prefix, guards, error handlers and the OpenAPI."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from dishka import AsyncContainer
from dishka.integrations.litestar import setup_dishka
from litestar import Litestar, Response, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.routes import ASGIRoute, HTTPRoute
from litestar.types import ASGIApp, ControllerRouterHandler, ExceptionHandlersMap, Scope

from atende.core.kernel import DomainError
from atende.inbound.http.api.index import API_KEYS, CONTROLLERS, OPENAI, PROBES, SIGNING_KEYS, UPLOADS
from atende.inbound.http.api.knowledge.answer_events import finishing_answers
from atende.inbound.http.errors import domain_problem, http_problem, unexpected_error
from atende.inbound.http.idempotency.middleware import (
    Replayed,
    idempotency_guard,
    replay_response,
    store_responses,
)
from atende.inbound.http.middleware.audit import audit_guard
from atende.inbound.http.middleware.gateway import RATE_LIMIT_HEADERS, Gateway
from atende.inbound.http.middleware.request_id import record_origin, with_request_id
from atende.inbound.http.openapi.document import openapi_config
from atende.inbound.http.openapi.operations import document_operation
from atende.inbound.http.openapi.schemas import DecimalSchemas, PageSchemas, RequestSchemas, ResponseSchemas
from atende.inbound.http.options import WebOptions
from atende.inbound.http.pages import account as account_pages
from atende.inbound.http.pages import docs
from atende.inbound.http.security.authorization import authorize, declared_permission, read_scope, write_project
from atende.inbound.http.security.credentials import CredentialCache
from atende.inbound.http.security.rate_limits import CallLimits
from atende.inbound.http.webhooks.door import CallbackDoor
from atende.inbound.http.wire.pages import page_request
from atende.inbound.http.wire.requests import StrictRequest
from atende.inbound.http.wire.structs import WireResponse

__all__ = ["ALIASES", "CANONICAL", "WebOptions", "make_app"]

CANONICAL = "/api/v1"
ALIASES = ("/api", "/")
FORM_OVERHEAD = 256 * 1024
"""Bytes that an upload may have beside its file: boundaries and other fields."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]] | AbstractAsyncContextManager[None]

_DEPENDENCIES = {
    "read_scope": Provide(read_scope),
    "project": Provide(write_project),
    "page_request": Provide(page_request),
}
_EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    DomainError: domain_problem,
    HTTPException: http_problem,
    Exception: unexpected_error,
    Replayed: replay_response,
}


def make_app(
    container: AsyncContainer,
    options: WebOptions,
    *,
    lifespan: Sequence[Lifespan] = (),
    extra_handlers: Sequence[ControllerRouterHandler] = (),
) -> Litestar:
    """The application on a container that the caller closes. `extra_handlers` are registered without a prefix.

    Every route declares `permission=Permission.X` or `public=True`. Raises UndeclaredRoute.
    """
    credentials = CredentialCache(container, seconds=options.credential_cache_seconds)
    app = Litestar(
        [*_routers(options), SIGNING_KEYS, *docs.HANDLERS, *account_pages.HANDLERS, *extra_handlers],
        guards=[
            record_origin,
            authorize,
            audit_guard(reads=options.audit_reads),
            idempotency_guard(secret=options.idempotency_secret),
        ],
        middleware=[store_responses],
        dependencies={**_DEPENDENCIES, "options": Provide(lambda: options, sync_to_thread=False)},
        exception_handlers=_EXCEPTION_HANDLERS,
        request_class=StrictRequest,
        response_class=WireResponse,
        response_headers=RATE_LIMIT_HEADERS,
        request_max_body_size=options.max_body,
        multipart_form_part_limit=16,
        openapi_config=openapi_config(options),
        plugins=[RequestSchemas(), PageSchemas(), ResponseSchemas(), DecimalSchemas()],
        lifespan=[*lifespan, lambda _: credentials.store_uses_regularly(), lambda _: finishing_answers()],
        logging_config=None,
    )
    _document_routes(app)
    _wrap(app, container, options, credentials)
    return app


def _document_routes(app: Litestar) -> None:
    """Raises UndeclaredRoute for a route that does not say who may call it."""
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]:
            permission = declared_permission(handler)
            if not isinstance(route, HTTPRoute) or not isinstance(handler, HTTPRouteHandler):
                continue
            if handler.http_methods == {"OPTIONS"}:
                _answer_options(route, handler)
            elif handler.resolve_include_in_schema():
                document_operation(handler, permission)


def _wrap(app: Litestar, container: AsyncContainer, options: WebOptions, credentials: CredentialCache) -> None:
    setup_dishka(container, app)
    app.state.credential_cache = credentials
    app.state.call_limits = limits = CallLimits(container, options.rates)
    api = with_request_id(Gateway(app.asgi_handler, options, limits))
    app.asgi_handler = CallbackDoor(_callbacks(app), api, options)


def _answer_options(route: HTTPRoute, handler: HTTPRouteHandler) -> None:
    """OPTIONS names all methods of the path. The framework's own handler knows only those that were registered first."""
    allowed = ", ".join(sorted(route.methods))

    def options(scope: Scope) -> Any:
        return Response(None, status_code=204, headers={"Allow": allowed}, media_type="text/plain")

    handler._fn = options  # noqa: SLF001  it offers no other way


def _callbacks(app: Litestar) -> dict[str, ASGIApp]:
    """Those that everybody may call; what they bring proves itself."""
    plain = [route for route in app.routes if isinstance(route, ASGIRoute)]
    return {route.path: route.route_handler.fn for route in plain if route.route_handler.opt.get("public") is True}


def _routers(options: WebOptions) -> list[Router]:
    """The API under /api/v1, and under the older prefixes outside of the OpenAPI; health checks at the root and under each."""
    api: list[ControllerRouterHandler] = [
        *CONTROLLERS,
        Router("/", route_handlers=[UPLOADS], request_max_body_size=options.max_upload + FORM_OVERHEAD),
        Router("/auth", route_handlers=[API_KEYS]),
        Router("/", route_handlers=[API_KEYS], include_in_schema=False),
    ]
    uncounted = {"uncounted": True}
    routers = [Router(CANONICAL, route_handlers=api), Router("/", route_handlers=[PROBES], opt=uncounted)]
    routers += [
        Router(prefix, route_handlers=[PROBES], include_in_schema=False, opt=uncounted)
        for prefix in (CANONICAL, "/api")
    ]
    routers.append(Router("/v1", route_handlers=[OPENAI], include_in_schema=False))
    if options.aliases:
        routers += [Router(prefix, route_handlers=api, include_in_schema=False) for prefix in ALIASES]
    return routers
