"""Our numbers at Twilio, and what another process may tell the fake of them."""

import msgspec


class Number(msgspec.Struct, kw_only=True):
    """One of our numbers at Twilio, with the prefix `whatsapp:` for WhatsApp. `auth_token` signs its callbacks."""

    number: str
    account_sid: str
    auth_token: str
    inbound_url: str = ""
    fallback_url: str = ""


class Setup(msgspec.Struct, forbid_unknown_fields=True):
    inbound_url: str | None = None
    numbers: list[Number] = []
