"""Channels: connected numbers, what they bring, and what they are asked to send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from atende.core.conversation.model import Conversation, Delivery, Message
from atende.core.kernel import Invalid, NotFound, Owner


class UnknownChannel(Invalid):
    """This installation has no such kind of channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTraits:
    """What a kind of channel can do.

    `longest`: the characters that one message may have. `free_text_window`: for how long after the customer's last message the
    channel takes free text; None: always.
    """

    longest: int
    free_text_window: timedelta | None = None

    def takes_free_text(self, last_customer_at: datetime | None, now: datetime) -> bool:
        """Whether a message may be sent now. Five minutes of the window are kept as a margin for the way to the channel."""
        if self.free_text_window is None:
            return True
        return last_customer_at is not None and now - last_customer_at <= self.free_text_window - WINDOW_MARGIN


WINDOW_MARGIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ChannelCatalogue:
    """The kinds of channels of this installation, by name, with what each can do."""

    kinds: Mapping[str, ChannelTraits]

    def traits(self, kind: str) -> ChannelTraits:
        """Raises UnknownChannel."""
        try:
            return self.kinds[kind]
        except KeyError:
            raise UnknownChannel(f"there is no channel {kind!r}; there are {', '.join(sorted(self.kinds))}") from None


@dataclass(frozen=True, slots=True)
class ChannelSecrets:
    """Encrypted at rest. `signing` proves callbacks (app secret, auth token), `access` sends."""

    signing: str
    access: str

    def __repr__(self) -> str:
        return "ChannelSecrets(***)"


class Connection(StrEnum):
    """What the provider said of an account when it was last asked. `expired`: the token for sending is no longer valid."""

    UNCHECKED = "unchecked"
    CONNECTED = "connected"
    EXPIRED = "expired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCheck:
    """The provider's answer about an account. `error`: why it is not connected, in the provider's own words.

    `address`: the number as people write it, in E.164; `name`: the one that customers see; `quality`: the provider's rating. Each
    is None where the provider does not say it.
    """

    connection: Connection
    error: str | None = None
    address: str | None = None
    name: str | None = None
    quality: str | None = None


@dataclass(slots=True, kw_only=True)
class ChannelAccount:
    """One connected number. `external_id` is what the provider's callbacks call it: WhatsApp's phone_number_id, Twilio's number.

    `provider_account` is the WhatsApp business account or the Twilio AccountSid. Unique over the platform: (kind, external_id).
    One that is not active takes and sends nothing. `last_inbound_at` may be a minute late.
    """

    id: UUID
    owner: Owner
    kind: str
    external_id: str
    address: str
    provider_account: str
    created_at: datetime
    secrets: ChannelSecrets
    agent_id: UUID | None = None
    is_active: bool = True
    name: str | None = None
    quality: str | None = None
    connection: Connection = Connection.UNCHECKED
    connection_error: str | None = None
    checked_at: datetime | None = None
    last_inbound_at: datetime | None = None
    updated_at: datetime | None = None
    disconnected_at: datetime | None = None

    def checked(self, check: ChannelCheck, at: datetime) -> None:
        """Takes over what the provider said."""
        self.connection, self.connection_error, self.checked_at = check.connection, check.error, at
        self.address, self.name = check.address or self.address, check.name or self.name
        self.quality = check.quality

    def require_connected(self) -> None:
        """Raises NotFound for one that was disconnected."""
        if self.disconnected_at is not None:
            raise NotFound("no such channel account")

    def disconnect(self, at: datetime) -> None:
        """The number is free for another project, and the secrets are forgotten."""
        self.is_active, self.disconnected_at = False, at
        self.secrets = ChannelSecrets("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """What a channel says a customer wrote. `external_id` is the provider's message id."""

    account_id: UUID
    external_id: str
    address: str
    text: str
    kind: str = "text"
    contact_name: str | None = None
    provider_at: datetime | None = None
    opt: str | None = None
    courtesy_for: int | None = None
    """Asks and tells nothing: with no conversation open, it belongs to one that ended at most so many seconds ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What a channel says of a message of ours; `message_id` is ours, where the provider echoes it."""

    account_id: UUID
    provider_message_id: str
    delivery: Delivery
    message_id: UUID | None = None
    at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What a channel is asked to send. `reference` is our message id, which the provider echoes in its callbacks."""

    reference: UUID
    to: str
    text: str
    sending_at: datetime


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A message that is recorded as being sent. Whoever recorded it hands it to the account's channel, once; nobody else does."""

    account: ChannelAccount
    outgoing: Outgoing

    @classmethod
    def of(cls, message: Message, conversation: Conversation, account: ChannelAccount) -> "Dispatch":
        assert message.delivery is Delivery.SENDING, "what is dispatched is recorded as being sent"
        assert message.sending_at is not None, "a message that is being sent says since when"
        to, at = conversation.contact_address, message.sending_at
        return cls(account, Outgoing(reference=message.id, to=to, text=message.text, sending_at=at))
