"""WhatsApp Cloud callbacks: the signature over the raw bytes, and the items, each on its own.

A malformed or unknown item never blocks the others of its batch: it comes back as Unknown, to be kept and acknowledged.
Only a body that is no callback at all, or is larger than Meta makes them, is refused as BadPayload.
"""

import hmac
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from atende.inbound.http.webhooks.items import BadPayload, Parsed, ReceivedMessage, ReceivedStatus, Unknown
from atende.inbound.http.webhooks.whatsapp import shapes, strict_json
from atende.inbound.http.webhooks.whatsapp.items import MALFORMED, read_message, read_names, read_status, unknown

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
    """Who an unverified body speaks of, to choose the secret by: each phone_number_id, at most 50, without repeats.

    An entry that names no number is named by its own id (the business account). A body that cannot be read names nobody.
    """
    try:
        body = shapes.envelope.decode(raw)
    except MALFORMED:
        if len(raw) > MAX_UNVERIFIED_FLAWED:  # the slow way is not for anybody who cares to send megabytes
            return []
        try:
            body = shapes.envelope.decode(_without_flaws(raw, _nothing()))
        except (BadPayload, *MALFORMED):
            return []
    named: dict[str, None] = {}
    for entry in body.entry:
        named.update(dict.fromkeys(_named_in(entry)))
        if len(named) >= MAX_NAMED:
            break
    return list(named)[:MAX_NAMED]


def parse(raw: bytes) -> Parsed:
    """Every item of the callback, with the account it names. Raises BadPayload."""
    if len(raw) > MAX_BODY:
        raise BadPayload(f"a callback holds at most {MAX_BODY} bytes")
    parsed = _nothing()
    body = _envelope(raw, parsed)
    if body.object != _PRODUCT:
        _add(parsed, unknown("", raw, f"callbacks of {body.object[:40]!r} are not handled"))
        return parsed
    for entry in body.entry:
        _read_entry(parsed, entry)
    return parsed


def _nothing() -> Parsed:
    return Parsed(messages=[], statuses=[], unknown=[])


def _envelope(raw: bytes, parsed: Parsed) -> shapes.Envelope:
    if strict_json.is_plain(raw):
        try:
            return shapes.envelope.decode(raw)
        except msgspec.ValidationError as error:
            raise BadPayload(f"this is no WhatsApp callback: {error}") from error
        except MALFORMED:
            pass  # NaN or half a character somewhere, which stops the decoder as a whole
    try:
        return shapes.envelope.decode(_without_flaws(raw, parsed))
    except MALFORMED as error:
        raise BadPayload(f"this is no WhatsApp callback: {error}") from error


def _without_flaws(raw: bytes, parsed: Parsed) -> bytes:
    """The body without the items that hold NaN, repeated keys or half characters; these go to `parsed` as Unknown."""
    body = strict_json.tolerant(raw)
    for number, items in _item_lists(body):
        good = []
        for item in items:
            if problem := strict_json.flaw(item):
                _add(parsed, unknown(number, strict_json.dump(item), f"malformed item: {problem}"))
            else:
                good.append(item)
        items[:] = good
    if problem := strict_json.flaw(body):
        raise BadPayload(problem)
    return strict_json.dump(body)


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


def _named_in(raw: Raw) -> list[str]:
    try:
        entry = shapes.entry.decode(raw)
    except MALFORMED:
        return []
    return [number for change in entry.changes if (number := _number_in(change))] or [entry.id] * bool(entry.id)


def _number_in(change: Raw) -> str | None:
    try:
        return shapes.addressed.decode(change).value.metadata.phone_number_id
    except MALFORMED:
        return None


def _read_entry(parsed: Parsed, raw: Raw) -> None:
    try:
        entry = shapes.entry.decode(raw)
    except MALFORMED as error:
        _add(parsed, unknown("", bytes(raw), f"malformed entry: {error}"))
        return
    for change in entry.changes:
        _read_change(parsed, entry.id, change)


def _read_change(parsed: Parsed, business: str, raw: Raw) -> None:
    try:
        change = shapes.change.decode(raw)
        value = shapes.value.decode(change.value) if change.field == "messages" else None
    except MALFORMED as error:
        _add(parsed, unknown(_number_in(raw) or business, bytes(raw), f"malformed change: {error}"))
        return
    if value is None:
        reason = f"changes of {change.field[:40]!r} are not handled"
        _add(parsed, unknown(_number_in(raw) or business, bytes(raw), reason))
        return
    number = value.metadata.phone_number_id
    names = read_names(value.contacts) if value.messages else {}
    for item in value.messages:
        _add(parsed, read_message(number, bytes(item), names))
    for item in value.statuses:
        _add(parsed, read_status(number, bytes(item)))
    for item in value.errors:
        _add(parsed, unknown(number, bytes(item), "an error that WhatsApp reports"))


def _add(parsed: Parsed, item: ReceivedMessage | ReceivedStatus | Unknown) -> None:
    if len(parsed.messages) + len(parsed.statuses) + len(parsed.unknown) >= MAX_ITEMS:
        raise BadPayload(f"a callback holds at most {MAX_ITEMS} items")
    if isinstance(item, ReceivedMessage):
        parsed.messages.append(item)
    elif isinstance(item, ReceivedStatus):
        parsed.statuses.append(item)
    else:
        parsed.unknown.append(item)
