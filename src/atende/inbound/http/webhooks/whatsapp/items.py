"""One message or status of a WhatsApp callback: read, or quarantined with the reason."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from atende.core.conversation.channel import DeliveryReport, InboundMessage
from atende.core.conversation.model import MAX_TEXT, Delivery
from atende.core.conversation.ports import Quarantined
from atende.inbound.http.webhooks.content import NotAssigned, ProvenAccounts, message_id, quarantined, without_nul
from atende.inbound.http.webhooks.phone_numbers import BadAddress, canonical
from atende.inbound.http.webhooks.whatsapp import shapes, strict_json

KIND = "whatsapp"
MAX_NAME = 255
MALFORMED = (msgspec.DecodeError, UnicodeError, RecursionError)

_DELIVERIES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "played": Delivery.READ,
    "failed": Delivery.FAILED,
}


def kept(number: str, item: Any, reason: str) -> Quarantined:
    """The item as it came, for the operator."""
    return quarantined(KIND, number, strict_json.dump(item), reason)


def read_message(
    number: str, item: Any, names: dict[str, str], accounts: ProvenAccounts
) -> InboundMessage | Quarantined:
    """`names` are the profile names of the callback, by the sender's address as WhatsApp writes it."""
    try:
        message = msgspec.convert(item, shapes.Message)
        sender = message.sender or message.from_user_id
        address = canonical(sender)
    except (*MALFORMED, BadAddress) as error:
        return kept(number, item, f"malformed message: {error}")
    if (read := _words(message)) is None:
        return kept(number, item, f"messages of type {message.type[:40]!r} are not handled")
    kind, text = read[0], without_nul(read[1])
    if len(text) > MAX_TEXT:
        return kept(number, item, f"a text of more than {MAX_TEXT} characters")
    if kind == "text" and not text.strip():
        return kept(number, item, "a text without words")
    try:
        account_id = accounts.id_of(KIND, number)
    except NotAssigned as error:
        return kept(number, item, str(error))
    return InboundMessage(
        account_id=account_id,
        external_id=message.id,
        address=address,
        text=text,
        kind=kind,
        contact_name=names.get(sender),
        provider_at=datetime.fromtimestamp(int(message.timestamp), UTC),
    )


def read_status(number: str, item: Any, accounts: ProvenAccounts) -> DeliveryReport | Quarantined:
    try:
        status = msgspec.convert(item, shapes.Status)
    except MALFORMED as error:
        return kept(number, item, f"malformed status: {error}")
    delivery = _DELIVERIES.get(status.status)
    if delivery is None:
        return kept(number, item, f"the status {status.status[:40]!r} is not handled")
    try:
        account_id = accounts.id_of(KIND, number)
    except NotAssigned as error:
        return kept(number, item, str(error))
    return DeliveryReport(
        account_id=account_id,
        provider_message_id=status.id,
        delivery=delivery,
        message_id=message_id(status.biz_opaque_callback_data),
        at=datetime.fromtimestamp(int(status.timestamp), UTC),
        error=_reason(status.errors) if delivery is Delivery.FAILED else None,
    )


def read_names(contacts: Any) -> dict[str, str]:
    """Profile names by number and by user id; none where the contacts are malformed, for a name is no reason to stop."""
    try:
        cards = msgspec.convert(contacts or [], list[shapes.Contact])
    except MALFORMED:
        return {}
    return {
        key: name
        for card in cards
        if (name := without_nul(card.profile.name).strip()[:MAX_NAME])
        for key in (card.wa_id, card.user_id)
        if key
    }


def _words(message: shapes.Message) -> tuple[str, str] | None:
    """Kind and text. What a person chose from buttons or a list counts as written."""
    match message:
        case shapes.Message(type="text", text=shapes.Text(body=body)):
            return "text", body
        case shapes.Message(type="button", button=shapes.Button(text=body)):
            return "text", body
        case shapes.Message(type="interactive", interactive=shapes.Interactive() as chosen):
            return _chosen(chosen)
        case shapes.Message(type="location", location=shapes.Location() as place):
            where = ", ".join(part for part in (place.name, place.address) if part)
            return "location", f"{where} ({place.latitude}, {place.longitude})".strip()
        case shapes.Message(type="contacts", contacts=cards) if cards:
            return "contacts", ", ".join(card.name.formatted_name for card in cards)
        case shapes.Message(type="reaction", reaction=shapes.Reaction(emoji=emoji)):
            return "reaction", emoji
    return _media(message)


def _media(message: shapes.Message) -> tuple[str, str] | None:
    parts = {
        "image": message.image,
        "audio": message.audio,
        "video": message.video,
        "document": message.document,
        "sticker": message.sticker,
    }
    media = parts.get(message.type)
    return None if media is None else (message.type, media.caption or media.filename)


def _chosen(chosen: shapes.Interactive) -> tuple[str, str] | None:
    if choice := chosen.button_reply or chosen.list_reply:
        return "text", choice.title
    return ("text", chosen.nfm_reply.body) if chosen.nfm_reply else None


def _reason(errors: list[shapes.Error]) -> str:
    told = (f"{error.code} {error.error_data.details or error.title}".strip() for error in errors)
    return without_nul("; ".join(told))[:500] or "WhatsApp gives no reason"
