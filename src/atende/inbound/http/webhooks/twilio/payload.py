"""Twilio callbacks: the form as it came, the signature over URL and parameters, and the one item that each carries.

The signature joins names and values without a separator, so that a replay could shift letters from one parameter to the
next and still pass. Therefore the id must have its exact form, no parameter that we read may stand twice, and every
part of the form must have its `=`.
"""

import base64
import hmac
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from atende.core.conversation.channel import DeliveryReport, InboundMessage
from atende.core.conversation.model import MAX_TEXT, Delivery
from atende.inbound.http.webhooks.content import (
    BadPayload,
    Content,
    NotAssigned,
    ProvenAccounts,
    message_id,
    quarantined,
    without_nul,
)
from atende.inbound.http.webhooks.phone_numbers import BadAddress, canonical

Params = Sequence[tuple[str, str]]

MAX_FIELDS = 500
SMS, WHATSAPP = "sms", "twilio_whatsapp"
_PREFIX = "whatsapp:"
_MESSAGE_SID = re.compile(r"(?:SM|MM)[0-9a-f]{32}", re.ASCII)
_MEDIA = {"image": "image", "audio": "audio", "video": "video"}

# Twilio took the message over as soon as it queued it, which is what `sent` means here.
_DELIVERIES = {
    "accepted": Delivery.SENT,
    "scheduled": Delivery.SENT,
    "queued": Delivery.SENT,
    "sending": Delivery.SENT,
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "undelivered": Delivery.FAILED,
    "failed": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}


class Named(NamedTuple):
    """Which account of ours an unverified callback speaks of."""

    kind: str
    number: str
    account_sid: str


def parse_form(raw: bytes) -> list[tuple[str, str]]:
    """Every name and value in order, empty and repeated ones too. Raises BadPayload."""
    if not raw:
        return []
    try:
        return parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise BadPayload("the body is not a URL-encoded form in UTF-8") from error


def verify(url: str, params: Params, header: str | None, token: str, *, body: bytes | None = None) -> bool:
    """Whether `header` (X-Twilio-Signature) was made with this token for the public URL and these parameters.

    `body` is given for requests that are not forms: its digest must stand in the query (bodySHA256). Twilio signs with
    or without the port, as it happens; both pass.
    """
    if not header or not token:
        return False
    if body is not None:
        if not hmac.compare_digest(_body_digest(url), sha256(body).hexdigest().encode()):
            return False
        params = ()
    tail = "".join(name + value for name, value in sorted(set(params)))
    given = header.encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(_signature(one + tail, token), given) for one in _spellings(url)]
    return any(matches)


def named_account(params: Params, *, status: bool = False) -> Named | None:
    """The account that an unverified message (`To`) or status (`From`) names; None when it names none."""
    found = dict(reversed(params))
    address = found.get("From" if status else "To", "")
    try:
        return Named(_kind(address), canonical(address), found.get("AccountSid", ""))
    except BadAddress:
        return None


def parse_message(params: Params, raw: bytes, accounts: ProvenAccounts) -> Content:
    """The customer's message that a verified callback carries. Raises BadPayload when it names none of our numbers."""
    account = _account(params, status=False)
    try:
        return _message(_Fields(params), account, accounts.id_of(account.kind, account.number))
    except NotAssigned as error:
        return quarantined(account.kind, account.number, raw, str(error))
    except (BadAddress, BadPayload) as error:
        return quarantined(account.kind, account.number, raw, f"malformed message: {error}")


def parse_status(params: Params, raw: bytes, accounts: ProvenAccounts, *, message: str | None = None) -> Content:
    """Where a message of ours stands; `message` is our id from the callback's query. Raises BadPayload as above."""
    account = _account(params, status=True)
    fields = _Fields(params)
    try:
        sid, word = fields.message_sid(), fields["MessageStatus"]
        delivery = _DELIVERIES.get(word)
        if delivery is None:
            return quarantined(account.kind, account.number, raw, f"the status {word[:40]!r} is not handled")
        told = f"{fields['ErrorCode']} {fields['ErrorMessage']}".strip() or f"Twilio says {word}"
        return DeliveryReport(
            account_id=accounts.id_of(account.kind, account.number),
            provider_message_id=sid,
            delivery=delivery,
            message_id=message_id(message),
            error=told[:500] if delivery is Delivery.FAILED else None,
        )
    except NotAssigned as error:
        return quarantined(account.kind, account.number, raw, str(error))
    except BadPayload as error:
        return quarantined(account.kind, account.number, raw, f"malformed status: {error}")


class _Fields:
    def __init__(self, params: Params) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in params:
            self._values.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        """The value without NUL; empty where there is none. Raises BadPayload where it stands twice."""
        values = self._values.get(name, [""])
        if len(values) > 1:
            raise BadPayload(f"{name} stands twice")
        return without_nul(values[0])

    def message_sid(self) -> str:
        value = self["MessageSid"]
        if not _MESSAGE_SID.fullmatch(value):
            raise BadPayload("MessageSid is not the id of a message")
        return value


def _message(fields: _Fields, account: Named, account_id: UUID) -> InboundMessage:
    sid = fields.message_sid()
    sender = fields["From"]
    if _kind(sender) != account.kind:
        raise BadPayload("From and To are of different channels")
    kind, text = _words(fields)
    if len(text) > MAX_TEXT:
        raise BadPayload(f"a text of more than {MAX_TEXT} characters")
    if kind == "text" and not text.strip():
        raise BadPayload("a text without words")
    return InboundMessage(
        account_id=account_id,
        external_id=sid,
        address=canonical(sender),
        text=text,
        kind=kind,
        contact_name=fields["ProfileName"].strip()[:255] or None,
        opt=fields["OptOutType"].upper() or None,
    )


def _words(fields: _Fields) -> tuple[str, str]:
    if fields["Latitude"] and fields["Longitude"]:
        where = ", ".join(part for part in (fields["Label"], fields["Address"]) if part)
        return "location", f"{where} ({fields['Latitude']}, {fields['Longitude']})".strip()
    if fields["NumMedia"] in {"", "0"}:
        return "text", fields["Body"] or fields["ButtonText"]
    family = fields["MediaContentType0"].partition("/")[0]
    return _MEDIA.get(family, "document"), fields["Body"]


def _account(params: Params, *, status: bool) -> Named:
    if account := named_account(params, status=status):
        return account
    raise BadPayload("this callback names no number")


def _kind(address: str) -> str:
    return WHATSAPP if address.startswith(_PREFIX) else SMS


def _signature(text: str, token: str) -> bytes:
    return base64.b64encode(hmac.digest(token.encode(), text.encode("utf-8", "surrogatepass"), "sha1"))


def _body_digest(url: str) -> bytes:
    values = [value for name, value in parse_qsl(urlsplit(url).query) if name == "bodySHA256"]
    return values[0].encode("utf-8", "surrogatepass") if values else b""


def _spellings(url: str) -> set[str]:
    """The URL as it is, without its port, and with the scheme's usual port where it has none."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return {url}
    if port is None:
        usual = 443 if parts.scheme == "https" else 80
        return {url, parts._replace(netloc=f"{parts.netloc}:{usual}").geturl()}
    return {url, parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()}
