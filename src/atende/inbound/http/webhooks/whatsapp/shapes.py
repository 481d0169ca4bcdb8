"""The parts of WhatsApp Cloud callbacks that we read; whatever else stands in them is passed over."""

from typing import Annotated

from msgspec import Meta, Raw, Struct, field
from msgspec.json import Decoder

Id = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
Seconds = Annotated[str, Meta(pattern=r"^[0-9]{1,10}$")]


class Metadata(Struct):
    phone_number_id: Id


class Envelope(Struct):
    object: str
    entry: list[Raw]


class Entry(Struct):
    changes: list[Raw]
    id: str = ""


class Change(Struct):
    field: str
    value: Raw


class Value(Struct):
    metadata: Metadata
    contacts: Raw = Raw(b"[]")
    messages: list[Raw] = []
    statuses: list[Raw] = []
    errors: list[Raw] = []


class AddressedValue(Struct):
    metadata: Metadata


class Addressed(Struct):
    """Any change that names a number."""

    value: AddressedValue


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


envelope = Decoder(Envelope)
entry = Decoder(Entry)
change = Decoder(Change)
value = Decoder(Value)
addressed = Decoder(Addressed)
contacts = Decoder(list[Contact])
message = Decoder(Message)
status = Decoder(Status)
