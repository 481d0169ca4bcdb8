"""`atende openapi`: the description of the HTTP API."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import msgspec

from atende.main.providers.container import make_container
from atende.main.settings import Settings


def openapi(settings: Settings) -> str:
    """The description of the HTTP API as JSON. Nothing is started, and no database is needed."""
    from atende.inbound.http.app import WebOptions, make_app

    options = WebOptions(aliases=settings.path_aliases, version=version("atende"))
    app = make_app(make_container(settings), options)
    schema: Mapping[str, Any] = app.openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()
