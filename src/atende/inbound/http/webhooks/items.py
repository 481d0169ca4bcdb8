"""What the callbacks of all channels are parsed into, before it is known whose account they speak of."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from msgspec import Struct

from atende.core.conversation.channel import ChannelKind, DeliveryReport, InboundMessage
from atende.core.conversation.model import Delivery
from atende.core.conversation.ports import Quarantined


class BadPayload(ValueError):
    """This body cannot be read at all; answer 400."""


class Item(Struct, frozen=True, kw_only=True):
    """One item of a callback. `number` is what the provider calls the account; `body` is the item as it came."""

    channel: ChannelKind
    number: str
    body: bytes

    def quarantined(self, reason: str) -> Quarantined:
        """To keep the item for the operator. The id is the body's digest, so that a repeated delivery is kept once."""
        return Quarantined(
            source=self.channel,
            account=self.number,
            external_id=f"sha256:{sha256(self.body).hexdigest()}",
            reason=reason,
            body=self.body,
        )


class ReceivedMessage(Item, frozen=True, kw_only=True):
    """A customer's message. `text` holds no NUL; it may be empty for kinds other than `text`."""

    external_id: str
    address: str
    text: str
    kind: str = "text"
    contact_name: str | None = None
    provider_at: datetime | None = None
    opt: str | None = None

    def inbound(self, account_id: UUID) -> InboundMessage:
        return InboundMessage(
            account_id=account_id,
            external_id=self.external_id,
            address=self.address,
            text=self.text,
            kind=self.kind,
            contact_name=self.contact_name,
            provider_at=self.provider_at,
            opt=self.opt,
        )


class ReceivedStatus(Item, frozen=True, kw_only=True):
    """Where a message of ours stands; `message_id` is ours, where the provider echoed it."""

    provider_message_id: str
    delivery: Delivery
    message_id: UUID | None = None
    at: datetime | None = None
    error: str | None = None

    def report(self, account_id: UUID) -> DeliveryReport:
        return DeliveryReport(
            account_id=account_id,
            provider_message_id=self.provider_message_id,
            delivery=self.delivery,
            message_id=self.message_id,
            at=self.at,
            error=self.error,
        )


class Unknown(Item, frozen=True, kw_only=True):
    """An item that is malformed or of a kind that we do not handle: acknowledged, kept, shown."""

    reason: str


class Parsed(Struct, kw_only=True):
    """The items of one callback, each on its own."""

    messages: list[ReceivedMessage] = []
    statuses: list[ReceivedStatus] = []
    unknown: list[Unknown] = []


def clean(text: str) -> str:
    """Without NUL, which PostgreSQL cannot store: the customer's words are worth more than the stray byte."""
    return text.replace("\x00", "") if "\x00" in text else text


def reference(text: str | None) -> UUID | None:
    """Our message id as the provider echoed it; None when it is not one of ours."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
