"""The pages that document the API. They load nothing from other hosts."""

from functools import cache
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.enums import MediaType
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

_FOLDER = Path(__file__).with_name("static")
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


class DocsPage(OpenAPIRenderPlugin):
    """Serves the same page at the framework's own path."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return _asset("docs.html")


@get(["/docs", "/redoc"], public=True, include_in_schema=False, sync_to_thread=False)
def docs_page() -> Response[bytes]:
    return Response(_asset("docs.html"), media_type=MediaType.HTML, headers=SECURITY_HEADERS)


@get("/docs/docs.js", public=True, include_in_schema=False, sync_to_thread=False)
def docs_script() -> Response[bytes]:
    return Response(_asset("docs.js"), media_type="text/javascript", headers=SECURITY_HEADERS)


@get("/docs/docs.css", public=True, include_in_schema=False, sync_to_thread=False)
def docs_style() -> Response[bytes]:
    return Response(_asset("docs.css"), media_type="text/css", headers=SECURITY_HEADERS)


@get("/", public=True, include_in_schema=False, sync_to_thread=False)
def redirect_to_docs() -> Redirect:
    return Redirect("/docs")


@cache
def _asset(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


HANDLERS: list[ControllerRouterHandler] = [redirect_to_docs, docs_page, docs_script, docs_style]
