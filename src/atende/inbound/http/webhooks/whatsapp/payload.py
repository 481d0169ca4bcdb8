"""WhatsApp Cloud callbacks: the signature over the raw bytes, and the items, each on its own.

A malformed or unknown item never blocks the others of its batch: it is quarantined and acknowledged. Only a body that is no
callback at all, or is larger than Meta makes them, is refused as BadPayload.
"""

import hmac
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
from msgspec import Raw

from atende.core.conversation.ports import Quarantined
from atende.inbound.http.webhooks.content import BadPayload, Content, ProvenAccounts
from atende.inbound.http.webhooks.whatsapp import shapes, strict_json
from atende.inbound.http.webhooks.whatsapp.items import MALFORMED, kept, read_message, read_names, read_status

MAX_BODY = 3 * 1024 * 1024
MAX_ITEMS = 1_000
MAX_NAMED = 50
MAX_UNVERIFIED_FLAWED = 256 * 1024

_PRODUCT = "whatsapp_business_account"
_LISTS = ("messages", "statuses", "errors")


def verify(raw: bytes, header: str | None, secret: str) -> bool:
    """Whether `header` (X-Hub-Signature-256) is exactly `sha256=` and the lower-case HMAC of these very bytes."""
    if not header or not secret:
        return False
    expected = "sha256=" + hmac.digest(secret.encode(), raw, "sha256").hex()
    return hmac.compare_digest(expected.encode(), header.encode("utf-8", "surrogatepass"))


def named_accounts(raw: bytes) -> list[str]:
    """Which accounts an unverified body names, to choose the secret by: each phone_number_id, at most 50, without repeats.

    An entry that names no number is named by its own id (the business account). A body that cannot be read names nobody.
    """
    try:
        body = shapes.named_envelope.decode(raw)
    except MALFORMED:
        if len(raw) > MAX_UNVERIFIED_FLAWED:  # reading around flaws costs too much to do it for strangers' megabytes
            return []
        try:
            body = shapes.named_envelope.decode(strict_json.dump(_sound(strict_json.decode(raw), [])))
        except (BadPayload, *MALFORMED):
            return []
    named: dict[str, None] = {}
    for entry in body.entry:
        named.update(dict.fromkeys(_named_in(entry)))
        if len(named) >= MAX_NAMED:
            break
    return list(named)[:MAX_NAMED]


def _named_in(raw: Raw) -> list[str]:
    try:
        entry = shapes.named_entry.decode(raw)
    except MALFORMED:
        return []
    return [number for change in entry.changes if (number := _number_in_raw(change))] or [entry.id] * bool(entry.id)


def _number_in_raw(change: Raw) -> str | None:
    try:
        return shapes.named_change.decode(change).value.metadata.phone_number_id
    except MALFORMED:
        return None


def parse(raw: bytes, accounts: ProvenAccounts) -> list[Content]:
    """Every item of the callback, assigned or quarantined. Raises BadPayload."""
    if len(raw) > MAX_BODY:
        raise BadPayload(f"a callback holds at most {MAX_BODY} bytes")
    content: list[Content] = []
    sound = _sound(strict_json.decode(raw), content)
    body = _envelope(sound)
    if body.object != _PRODUCT:
        return [kept("", sound, f"callbacks of {body.object[:40]!r} are not handled")]
    for entry in body.entry:
        content += islice(_in_entry(entry, accounts), MAX_ITEMS + 1)
        if len(content) > MAX_ITEMS:
            raise BadPayload(f"a callback holds at most {MAX_ITEMS} items")
    return content


def _envelope(body: Any) -> shapes.Envelope:
    try:
        return msgspec.convert(body, shapes.Envelope)
    except MALFORMED as error:
        raise BadPayload(f"this is no WhatsApp callback: {error}") from error


def _in_entry(raw: Any, accounts: ProvenAccounts) -> Iterator[Content]:
    try:
        entry = msgspec.convert(raw, shapes.Entry)
    except MALFORMED as error:
        yield kept("", raw, f"malformed entry: {error}")
        return
    for change in entry.changes:
        yield from _in_change(entry.id, change, accounts)


def _in_change(business: str, raw: Any, accounts: ProvenAccounts) -> Iterator[Content]:
    try:
        change = msgspec.convert(raw, shapes.Change)
        value = msgspec.convert(change.value, shapes.Value) if change.field == "messages" else None
    except MALFORMED as error:
        yield kept(_number_in(raw) or business, raw, f"malformed change: {error}")
        return
    if value is None:
        yield kept(_number_in(raw) or business, raw, f"changes of {change.field[:40]!r} are not handled")
        return
    number = value.metadata.phone_number_id
    names = read_names(value.contacts) if value.messages else {}
    for item in value.messages:
        yield read_message(number, item, names, accounts)
    for item in value.statuses:
        yield read_status(number, item, accounts)
    for item in value.errors:
        yield kept(number, item, "an error that WhatsApp reports")


def _number_in(change: Any) -> str | None:
    try:
        return msgspec.convert(change, shapes.NamedChange).value.metadata.phone_number_id
    except MALFORMED:
        return None


def _sound(decoded: strict_json.Decoded, quarantine: list[Content]) -> Any:
    """The body without the items that hold NaN, repeated keys or half characters; these are quarantined. Raises BadPayload."""
    body = decoded.value
    if not decoded.suspect:
        return body
    for number, items in _item_lists(body):
        quarantine += _take_flawed(number, items)
    if problem := strict_json.flaw(body):
        raise BadPayload(problem)
    return body


def _take_flawed(number: str, items: list[Any]) -> list[Quarantined]:
    flaws = [(item, strict_json.flaw(item)) for item in items]
    items[:] = [item for item, problem in flaws if problem is None]
    return [kept(number, item, f"malformed item: {problem}") for item, problem in flaws if problem is not None]


def _item_lists(body: Any) -> Iterator[tuple[str, list[Any]]]:
    for entry in _listed(body, "entry"):
        for change in _listed(entry, "changes"):
            value = change.get("value") if isinstance(change, dict) else None
            metadata = value.get("metadata") if isinstance(value, dict) else None
            number = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
            for key in _LISTS:
                if items := _listed(value, key):
                    yield number if isinstance(number, str) and not strict_json.flaw(number) else "", items


def _listed(holder: Any, key: str) -> list[Any]:
    found = holder.get(key) if isinstance(holder, dict) else None
    return found if isinstance(found, list) else []
