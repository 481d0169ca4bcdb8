"""Where callbacks come in, before all else."""

from collections.abc import Mapping
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send

from atende.inbound.http.middleware.timed_body import TimedBody
from atende.inbound.http.options import WebOptions
from atende.inbound.http.security.hosts import ServedHosts


class CallbackDoor:
    """Callbacks go straight to their endpoint: routing, guards, CORS, call limits and a request id are nothing that a provider
    needs, and each would cost more than all else that is done for a callback.

    What is unusual about a request (another method, a host that is not served, a body without a length) takes the way of all
    others, where it is refused or served.
    """

    def __init__(self, endpoints: Mapping[str, ASGIApp], api: ASGIApp, options: WebOptions) -> None:
        self._endpoints, self._api, self._options = endpoints, api, options
        self._hosts = ServedHosts(options.allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope.get("path", ""))
        if endpoint is None or not self._is_usual(scope):
            await self._api(scope, receive, send)
        else:
            await endpoint(scope, TimedBody(receive, self._options).receive, send)

    def _is_usual(self, scope: Any) -> bool:
        if scope.get("method") != "POST":
            return False
        host = b""
        for name, value in scope["headers"]:
            if name == b"transfer-encoding":
                return False
            if name == b"host":
                host = value
        return self._hosts.serve(host)
