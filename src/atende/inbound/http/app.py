"""The HTTP API put together: routes under each prefix, guarded, with one shape for every error."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from dishka import AsyncContainer
from dishka.integrations.litestar import setup_dishka
from litestar import Litestar, Response, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, Reference, SecurityScheme, Tag
from litestar.routes import ASGIRoute, HTTPRoute
from litestar.types import ASGIApp, ControllerRouterHandler, Method, Receive, Scope, Send

from atende.core.kernel import DomainError
from atende.inbound.http.api.index import API_KEYS, CONTROLLERS, PROBES, SIGNING_KEYS, UPLOADS
from atende.inbound.http.errors import domain_problem, http_problem, surprise
from atende.inbound.http.idempotency.middleware import Replayed, declare, repeatable, replayed, storing
from atende.inbound.http.middleware.audit import audited
from atende.inbound.http.middleware.gateway import COUNTED, Gateway
from atende.inbound.http.middleware.rate_limits import CallLimits
from atende.inbound.http.middleware.request_id import identified, introduce
from atende.inbound.http.openapi.schemas import (
    DecimalSchemas,
    DocumentedOperation,
    PageSchemas,
    RequestSchemas,
    ResponseSchemas,
)
from atende.inbound.http.options import WebOptions
from atende.inbound.http.pages import account as account_pages
from atende.inbound.http.pages import docs
from atende.inbound.http.security.authorization import authorize, declared_permission, read_scope, write_project
from atende.inbound.http.security.credentials import CredentialCache
from atende.inbound.http.wire.pages import page_request
from atende.inbound.http.wire.requests import StrictRequest
from atende.inbound.http.wire.structs import WireResponse

__all__ = ["ALIASES", "CANONICAL", "WebOptions", "make_app"]

CANONICAL = "/api/v1"
ALIASES = ("/api", "/")
FORM_ROOM = 256 * 1024
"""What a form may have around its file: boundaries and the other fields."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]] | AbstractAsyncContextManager[None]

_TAGS = [
    Tag("auth", "Accounts: registering, signing in and out, and the way back in."),
    Tag("documents", "What the agent may quote."),
    Tag("rag", "Questions to the documents, outside of conversations."),
    Tag("conversations", "What customers and attendants wrote, and the human queue."),
    Tag("billing", "Credits: the balance and every movement."),
    Tag("api-keys", "Keys for programs. Each is shown once, when it is made."),
    Tag("provider-keys", "Your own keys at AI providers: written, never read."),
    Tag("organizations", "Teams, what they may use, and how people come in."),
    Tag("members", "Who belongs to an organization, and who is invited."),
    Tag("users", "The people of the organization that the caller is in."),
    Tag("projects", "The worlds of data of an organization, and their switches."),
    Tag("audit", "Who changed what."),
    Tag("plans", "What can be used for how much."),
    Tag("admin", "Roles, and the desk of the operators of the installation."),
    Tag("jobs", "Work that was given up."),
    Tag("health", "For probes and Prometheus."),
]
_DESCRIPTION = (
    "Send an API key in `X-API-Key` or as a Bearer token, or the access token of a person as one. Errors are problem details"
    " (RFC 9457) with a `code` for programs;"
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
    book = CredentialCache(container, seconds=options.access_seconds)
    app = Litestar(
        [*_routers(options), SIGNING_KEYS, *docs.HANDLERS, *account_pages.HANDLERS, *extra_handlers],
        guards=[
            introduce,
            authorize,
            audited(reads=options.audit_reads),
            repeatable(secret=options.idempotency_secret),
        ],
        middleware=[storing],
        dependencies={
            "reads": Provide(read_scope),
            "project": Provide(write_project),
            "page_request": Provide(page_request),
            "options": Provide(lambda: options, sync_to_thread=False),
        },
        exception_handlers={
            DomainError: domain_problem,
            HTTPException: http_problem,
            Exception: surprise,
            Replayed: replayed,
        },
        request_class=StrictRequest,
        response_class=WireResponse,
        response_headers=COUNTED,
        request_max_body_size=options.max_body,
        multipart_form_part_limit=16,
        openapi_config=_openapi(options),
        plugins=[RequestSchemas(), PageSchemas(), ResponseSchemas(), DecimalSchemas()],
        lifespan=[*lifespan, lambda _: book.noting_uses()],
        logging_config=None,
    )
    _describe(app)
    _put_behind_the_edge(app, container, options, book)
    return app


def _describe(app: Litestar) -> None:
    """Every route says what it asks for and what it takes. Raises UndeclaredRoute."""
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]:
            permission = declared_permission(handler)
            if isinstance(route, HTTPRoute) and isinstance(handler, HTTPRouteHandler):
                _tell(route, handler, public=permission is None)
            declare(handler)


def _put_behind_the_edge(app: Litestar, container: AsyncContainer, options: WebOptions, book: CredentialCache) -> None:
    plain = app.asgi_handler
    setup_dishka(container, app)
    app.state.access_book = book
    app.state.call_limits = limits = CallLimits(container, options.rates)
    edge = Gateway(_sparing_callbacks(app, plain=plain, scoped=app.asgi_handler), options, limits)
    app.asgi_handler = identified(edge)


def _tell(route: HTTPRoute, handler: HTTPRouteHandler, *, public: bool) -> None:
    """What a route says of itself: what is in its address, that no credentials are needed, and to OPTIONS which methods
    its path has. The framework's own answer knows only those of the first handler that was registered for the path.
    """
    handler.operation_class = DocumentedOperation
    if public:
        handler.security = [{}]
    if handler.http_methods == {"OPTIONS"}:
        allowed = ", ".join(sorted(route.methods))

        def options(scope: Scope) -> Any:
            return Response(None, status_code=204, headers={"Allow": allowed}, media_type="text/plain")

        handler._fn = options  # noqa: SLF001  it offers no other way


def _sparing_callbacks(app: Litestar, *, plain: ASGIApp, scoped: ASGIApp) -> ASGIApp:
    """The providers' callbacks take nothing from the container: a request scope would cost more than the rest of their way."""
    callbacks = {route.path for route in app.routes if isinstance(route, ASGIRoute)}

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        await (plain if scope.get("path") in callbacks else scoped)(scope, receive, send)

    return handle


def _routers(options: WebOptions) -> list[Router]:
    """The features under /api/v1, and outside of the OpenAPI under the older prefixes; probes at the root, and everywhere."""
    product: list[ControllerRouterHandler] = [
        *CONTROLLERS,
        Router("/", route_handlers=[UPLOADS], request_max_body_size=options.largest_upload + FORM_ROOM),
        Router("/auth", route_handlers=[API_KEYS]),
        Router("/", route_handlers=[API_KEYS], include_in_schema=False),
    ]
    uncounted = {"uncounted": True}
    routers = [Router(CANONICAL, route_handlers=product), Router("/", route_handlers=[PROBES], opt=uncounted)]
    routers += [
        Router(prefix, route_handlers=[PROBES], include_in_schema=False, opt=uncounted)
        for prefix in (CANONICAL, "/api")
    ]
    if options.aliases:
        routers += [Router(prefix, route_handlers=product, include_in_schema=False) for prefix in ALIASES]
    return routers


def _openapi(options: WebOptions) -> OpenAPIConfig:
    schemes: dict[str, SecurityScheme | Reference] = {
        "apiKey": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header"),
        "bearer": SecurityScheme(
            type="http", scheme="bearer", description="An API key, or the access token of a person."
        ),
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
