"""The HTTP API put together: routes under each prefix, guarded, with one shape for every error."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from dishka import AsyncContainer
from dishka.integrations.litestar import setup_dishka
from litestar import Litestar, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, Reference, SecurityScheme, Tag
from litestar.routes import ASGIRoute, HTTPRoute
from litestar.types import ASGIApp, ControllerRouterHandler, Method, Receive, Scope, Send

from atende.core.kernel import DomainError
from atende.inbound.http import billing, conversations, docs, documents, health, jobs, messages, rag
from atende.inbound.http.auth import authorize, declared_permission, read_scope, write_project
from atende.inbound.http.body import StrictRequest
from atende.inbound.http.errors import domain_problem, http_problem, surprise
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire import DecimalsAreNumbers, WireResponse

__all__ = ["ALIASES", "CANONICAL", "WebOptions", "make_app"]

CANONICAL = "/api/v1"
ALIASES = ("/api", "/")
FORM_ROOM = 256 * 1024
"""What a form may have around its file: boundaries and the other fields."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]] | AbstractAsyncContextManager[None]

_TAGS = [
    Tag("documents", "What the agent may quote."),
    Tag("rag", "Questions to the documents, outside of conversations."),
    Tag("conversations", "What customers and attendants wrote, and the human queue."),
    Tag("billing", "Credits: the balance and every movement."),
    Tag("jobs", "Work that was given up."),
    Tag("health", "For probes and Prometheus."),
]
_DESCRIPTION = (
    "Send an API key in `X-API-Key` or as a Bearer token. Errors are problem details (RFC 9457) with a `code` for programs;"
    " amounts are in whole credits; times are in UTC."
)


def make_app(
    container: AsyncContainer,
    options: WebOptions,
    *,
    lifespan: Sequence[Lifespan] = (),
    extra_handlers: Sequence[ControllerRouterHandler] = (),
) -> Litestar:
    """The application over a container that the caller closes. `extra_handlers` are registered as they are.

    Every route declares `permission=Permission.X` or `public=True`. Raises UndeclaredRoute.
    """
    app = Litestar(
        [*_routers(options), *docs.HANDLERS, *extra_handlers],
        guards=[authorize],
        dependencies={
            "reads": Provide(read_scope),
            "project": Provide(write_project),
            "options": Provide(lambda: options, sync_to_thread=False),
        },
        exception_handlers={DomainError: domain_problem, HTTPException: http_problem, Exception: surprise},
        request_class=StrictRequest,
        response_class=WireResponse,
        request_max_body_size=options.max_body,
        multipart_form_part_limit=16,
        openapi_config=_openapi(options),
        plugins=[DecimalsAreNumbers()],
        lifespan=list(lifespan),
        logging_config=None,
    )
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]:
            declared_permission(handler)
    plain = app.asgi_handler
    setup_dishka(container, app)
    app.asgi_handler = _sparing_callbacks(app, plain=plain, scoped=app.asgi_handler)
    return app


def _sparing_callbacks(app: Litestar, *, plain: ASGIApp, scoped: ASGIApp) -> ASGIApp:
    """The providers' callbacks take nothing from the container: a request scope would cost more than the rest of their way."""
    callbacks = {route.path for route in app.routes if isinstance(route, ASGIRoute)}

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        await (plain if scope.get("path") in callbacks else scoped)(scope, receive, send)

    return handle


def _routers(options: WebOptions) -> list[Router]:
    """The features under /api/v1, and outside of the OpenAPI under the older prefixes; probes at the root, and everywhere."""
    features = [
        Router("/", route_handlers=documents.UPLOADS, request_max_body_size=options.largest_upload + FORM_ROOM),
        *documents.HANDLERS,
        *rag.HANDLERS,
        *conversations.HANDLERS,
        *messages.HANDLERS,
        *billing.HANDLERS,
        *jobs.HANDLERS,
    ]
    routers = [Router(CANONICAL, route_handlers=features), Router("/", route_handlers=health.HANDLERS)]
    routers += [
        Router(prefix, route_handlers=health.HANDLERS, include_in_schema=False) for prefix in (CANONICAL, "/api")
    ]
    if options.aliases:
        routers += [Router(prefix, route_handlers=features, include_in_schema=False) for prefix in ALIASES]
    return routers


def _openapi(options: WebOptions) -> OpenAPIConfig:
    schemes: dict[str, SecurityScheme | Reference] = {
        "apiKey": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header"),
        "bearer": SecurityScheme(type="http", scheme="bearer", description="The API key as a Bearer token."),
    }
    return OpenAPIConfig(
        title="atende",
        version=options.version,
        description=_DESCRIPTION,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        components=Components(security_schemes=schemes),
        security=[{"apiKey": []}, {"bearer": []}],
        tags=_TAGS,
        operation_id_creator=_operation_id,
        openapi_router=Router(
            "/schema", route_handlers=[], opt={"public": True}, include_in_schema=False, response_headers=docs.SAFE
        ),
        render_plugins=[docs.DocsPage(path="/"), JsonRenderPlugin(path="/openapi.json")],
    )


def _operation_id(handler: HTTPRouteHandler, _: Method, path_components: list[Any]) -> str:
    first, *rest = handler.handler_name.split("_")
    return first + "".join(part.capitalize() for part in rest)
