"""One message or status of a WhatsApp callback: read, or kept as Unknown with the reason."""

from datetime import UTC, datetime

import msgspec

from atende.core.conversation.channel import ChannelKind
from atende.core.conversation.model import MAX_TEXT, Delivery
from atende.inbound.http.webhooks.items import ReceivedMessage, ReceivedStatus, Unknown, clean, reference
from atende.inbound.http.webhooks.phone_numbers import BadAddress, canonical
from atende.inbound.http.webhooks.whatsapp import shapes

MAX_NAME = 255
MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_DELIVERIES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "played": Delivery.READ,
    "failed": Delivery.FAILED,
}


def unknown(number: str, body: bytes, reason: str) -> Unknown:
    return Unknown(channel=ChannelKind.WHATSAPP, number=number, body=body, reason=reason)


def read_message(number: str, body: bytes, names: dict[str, str]) -> ReceivedMessage | Unknown:
    """`names` are the profile names of the callback, by the sender's address as WhatsApp writes it."""
    try:
        message = shapes.message.decode(body)
        sender = message.sender or message.from_user_id
        address = canonical(sender)
    except (*MALFORMED, BadAddress) as error:
        return unknown(number, body, f"malformed message: {error}")
    if (read := _words(message)) is None:
        return unknown(number, body, f"messages of type {message.type[:40]!r} are not handled")
    kind, text = read[0], clean(read[1])
    if len(text) > MAX_TEXT:
        return unknown(number, body, f"a text of more than {MAX_TEXT} characters")
    if kind == "text" and not text.strip():
        return unknown(number, body, "a text without words")
    return ReceivedMessage(
        channel=ChannelKind.WHATSAPP,
        number=number,
        body=body,
        external_id=message.id,
        address=address,
        text=text,
        kind=kind,
        contact_name=names.get(sender),
        provider_at=datetime.fromtimestamp(int(message.timestamp), UTC),
    )


def read_status(number: str, body: bytes) -> ReceivedStatus | Unknown:
    try:
        status = shapes.status.decode(body)
    except MALFORMED as error:
        return unknown(number, body, f"malformed status: {error}")
    delivery = _DELIVERIES.get(status.status)
    if delivery is None:
        return unknown(number, body, f"the status {status.status[:40]!r} is not handled")
    return ReceivedStatus(
        channel=ChannelKind.WHATSAPP,
        number=number,
        body=body,
        provider_message_id=status.id,
        delivery=delivery,
        message_id=reference(status.biz_opaque_callback_data),
        at=datetime.fromtimestamp(int(status.timestamp), UTC),
        error=_reason(status.errors) if delivery is Delivery.FAILED else None,
    )


def read_names(contacts: msgspec.Raw) -> dict[str, str]:
    """Profile names by number and by user id; none where the contacts are malformed, for a name is no reason to stop."""
    try:
        cards = shapes.contacts.decode(contacts)
    except MALFORMED:
        return {}
    return {
        key: name
        for card in cards
        if (name := clean(card.profile.name).strip()[:MAX_NAME])
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
    return clean("; ".join(told))[:500] or "WhatsApp gives no reason"
