"""The parts of WhatsApp Cloud callbacks that we read; whatever else stands in them is passed over."""

from typing import Annotated, Any

from msgspec import Meta, Raw, Struct, field
from msgspec.json import Decoder

Id = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
Seconds = Annotated[str, Meta(pattern=r"^[0-9]{1,10}$")]


class Metadata(Struct):
    phone_number_id: Id


class Envelope(Struct):
    object: str
    entry: list[Any]


class Entry(Struct):
    changes: list[Any]
    id: str = ""


class Change(Struct):
    field: str
    value: Any


class Value(Struct):
    """`contacts` and the items are read one by one: a malformed one never costs the others."""

    metadata: Metadata
    contacts: Any = None
    messages: list[Any] = []
    statuses: list[Any] = []
    errors: list[Any] = []


class NamedValue(Struct):
    metadata: Metadata


class NamedChange(Struct):
    value: NamedValue


class NamedEntry(Struct):
    changes: list[Raw]
    id: str = ""


class NamedEnvelope(Struct):
    """The look at an unverified body: which numbers it names, and nothing else."""

    entry: list[Raw]


class Profile(Struct):
    name: str = ""


class Contact(Struct):
    profile: Profile = field(default_factory=Profile)
    wa_id: str = ""
    user_id: str = ""


class Text(Struct):
    body: str


class Button(Struct):
    text: str


class Choice(Struct):
    title: str


class Form(Struct):
    body: str = ""


class Interactive(Struct):
    button_reply: Choice | None = None
    list_reply: Choice | None = None
    nfm_reply: Form | None = None


class Media(Struct):
    caption: str = ""
    filename: str = ""


class Location(Struct):
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


class CardName(Struct):
    formatted_name: str = ""


class Card(Struct):
    name: CardName = field(default_factory=CardName)


class Reaction(Struct):
    emoji: str = ""


class Message(Struct):
    """`sender` is missing for people who hide their number behind a user name; then `from_user_id` names them."""

    id: Id
    timestamp: Seconds
    type: str
    sender: str = field(name="from", default="")
    from_user_id: str = ""
    text: Text | None = None
    button: Button | None = None
    interactive: Interactive | None = None
    image: Media | None = None
    audio: Media | None = None
    video: Media | None = None
    document: Media | None = None
    sticker: Media | None = None
    location: Location | None = None
    contacts: list[Card] = []
    reaction: Reaction | None = None


class ErrorData(Struct):
    details: str = ""


class Error(Struct):
    code: int = 0
    title: str = ""
    error_data: ErrorData = field(default_factory=ErrorData)


class Status(Struct):
    id: Id
    status: str
    timestamp: Seconds
    biz_opaque_callback_data: str | None = None
    errors: list[Error] = []


named_envelope = Decoder(NamedEnvelope)
named_entry = Decoder(NamedEntry)
named_change = Decoder(NamedChange)
