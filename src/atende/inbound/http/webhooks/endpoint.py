"""What a vendor says of an address that it calls. It needs no web framework: composition names it, web or not."""

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from atende.inbound.http.options import Webhook
from atende.inbound.http.webhooks.content import Content, ProvenAccounts

Scope = MutableMapping[str, Any]


class NotGenuine(Exception):
    """No account that this callback names has signed it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a provider."""

    status: int
    body: bytes = b""
    content_type: bytes = b"text/plain; charset=utf-8"
    headers: tuple[tuple[bytes, bytes], ...] = ()


OK = Reply(200)


@dataclass(slots=False)
class Callback:
    """One request of a provider: its raw body, and what stands around it."""

    scope: Scope
    raw: bytes
    decoded: dict[str, Any] = field(default_factory=dict)
    """What a vendor decoded before verifying, so that it is not decoded again."""

    def header(self, name: bytes) -> str | None:
        return header(self.scope, name)

    @cached_property
    def query(self) -> dict[str, str]:
        """The first value of each name."""
        pairs = parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return dict(reversed(pairs))

    @property
    def path_and_query(self) -> str:
        """As they came, undecoded: what some providers sign."""
        query = self.scope["query_string"].decode("latin-1")
        path = (self.scope.get("raw_path") or self.scope["path"].encode()).decode("latin-1")
        return f"{path}?{query}" if query else str(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address that a provider calls.

    `names`: the numbers or provider accounts that the body speaks of, unverified, cheap and bounded: they choose the secrets to
    try. `verify`: whether this secret signed the raw bytes. `parse`: the content, each item assigned by the accounts that were
    proven, or quarantined; raises BadPayload. `installation_secret`: of an app that all accounts share, tried last.
    """

    path: str
    kinds: tuple[str, ...]
    names: Callable[[Callback], Sequence[str]]
    verify: Callable[[Callback, str], bool]
    parse: Callable[[Callback, ProvenAccounts], Iterable[Content]]
    installation_secret: str = ""
    reply: Reply = OK
    handshake: Callable[[Callback], Reply] | None = None
    """Answers GET, where a provider asks before it calls."""
    verify_token: Callable[[UUID], str] | None = None
    """The token of a channel account that the provider shows in this handshake."""


def webhooks_of(endpoints: Iterable[Endpoint], public_url: str) -> dict[str, Webhook]:
    """By kind of channel: the first endpoint that takes a kind is the one for what customers write."""
    found: dict[str, Webhook] = {}
    for endpoint in endpoints:
        for kind in endpoint.kinds:
            found.setdefault(kind, Webhook(public_url.rstrip("/") + endpoint.path, endpoint.verify_token))
    return found


def header(scope: Scope, name: bytes) -> str | None:
    """The header's value; the last one where it stands twice."""
    found = None
    for key, value in scope["headers"]:
        if key == name:
            found = value.decode("latin-1")
    return found
