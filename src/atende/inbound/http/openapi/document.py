"""The OpenAPI document as a whole: title, tags, ways to authenticate, and where it is served."""

from typing import Any

from litestar import Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, Reference, SecurityScheme, Tag
from litestar.types import Method

from atende.inbound.http.options import WebOptions
from atende.inbound.http.pages.docs import SECURITY_HEADERS, DocsPage

_TAGS = [
    Tag("auth", "Registration, signing in and out, passwords and sessions."),
    Tag("users", "The caller's own account, and the users of the caller's organization."),
    Tag("organizations", "Organizations: their settings, what their plan allows, and what they have used."),
    Tag("members", "Members of an organization, and invitations to it."),
    Tag("projects", "Projects: each holds its own documents, conversations and channels. Also their feature switches."),
    Tag("conversations", "Conversations with customers, their messages, and handing them over to a person and back."),
    Tag("channels", "Connected numbers, on which customers write."),
    Tag("documents", "Documents that answers are based on."),
    Tag("rag", "Questions to the documents, outside of conversations."),
    Tag("billing", "Credits: the balance and the transactions."),
    Tag("plans", "Plans: prices, limits and features."),
    Tag("api-keys", "API keys for programs. The key itself is shown once, when it is created."),
    Tag("provider-keys", "The organization's own keys at AI providers. They are stored encrypted and never shown."),
    Tag("audit", "The audit log: who changed what, and when."),
    Tag("admin", "Roles and permissions; and what operators of the installation manage."),
    Tag("jobs", "Dead letters: background jobs that failed for good."),
    Tag("health", "Health checks and Prometheus metrics."),
]
_DESCRIPTION = (
    "Authenticate with an API key in the header `X-API-Key` or as a Bearer token, or with a user's access token as a Bearer token."
    " Errors are problem details (RFC 9457) with a stable `code`. Amounts are in whole credits, times in UTC."
)


def openapi_config(options: WebOptions) -> OpenAPIConfig:
    schemes: dict[str, SecurityScheme | Reference] = {
        "apiKey": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header"),
        "bearer": SecurityScheme(type="http", scheme="bearer", description="An API key or a user's access token."),
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
            "/schema",
            route_handlers=[],
            opt={"public": True},
            include_in_schema=False,
            response_headers=SECURITY_HEADERS,
        ),
        render_plugins=[DocsPage(path="/"), JsonRenderPlugin(path="/openapi.json")],
    )


def _operation_id(handler: HTTPRouteHandler, _: Method, path_components: list[Any]) -> str:
    """`listProjects` for the handler `list_projects`."""
    first, *rest = handler.handler_name.split("_")
    return first + "".join(part.capitalize() for part in rest)
