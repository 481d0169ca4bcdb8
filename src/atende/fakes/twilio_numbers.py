"""Our numbers at Twilio, and what another process may tell the fake of them."""

import base64
import re
from collections.abc import Mapping

import msgspec

from atende.fakes.loopback_server import Reply, Request, json_reply

_ACCOUNT = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-zA-Z]+)(\.json|/IncomingPhoneNumbers\.json)")
_SENDERS = "/v2/Channels/Senders"


class Number(msgspec.Struct, kw_only=True):
    """One of our numbers at Twilio, with the prefix `whatsapp:` for WhatsApp. `auth_token` signs its callbacks."""

    number: str
    account_sid: str
    auth_token: str
    inbound_url: str = ""
    fallback_url: str = ""
    name: str = "Loja"


class Setup(msgspec.Struct, forbid_unknown_fields=True):
    inbound_url: str | None = None
    numbers: list[Number] = []


def account_of(request: Request) -> str:
    """The AccountSid that an address is about; Senders are those of whoever asks. Empty for any other address."""
    if request.path != _SENDERS:
        route = _ACCOUNT.fullmatch(request.path)
        return route[1] if route else ""
    header = request.headers.get("authorization", "").removeprefix("Basic ")
    try:
        return base64.b64decode(header).decode().partition(":")[0]
    except ValueError:
        return ""


def of_account(request: Request, account: str, numbers: Mapping[str, Number]) -> Reply | None:
    """The account itself, its numbers for SMS, or its senders for WhatsApp; None for any other address."""
    key = account.startswith("SK")  # it belongs to an account; the fake does not know to which
    mine = [number for number in numbers.values() if key or number.account_sid == account]
    if request.path == _SENDERS:
        senders = [
            {"sid": f"XE{n:032x}", "sender_id": one.number, "status": "ONLINE", "profile": {"name": one.name}}
            for n, one in enumerate(mine)
            if one.number.startswith("whatsapp:")
        ]
        return json_reply({"senders": senders, "meta": {"key": "senders", "next_page_url": None}})
    if request.path.endswith("/IncomingPhoneNumbers.json"):
        wanted = dict(request.query).get("PhoneNumber")
        found = [
            {"sid": f"PN{n:032x}", "phone_number": one.number, "friendly_name": one.name, "account_sid": account}
            for n, one in enumerate(mine)
            if one.number == wanted
        ]
        return json_reply({"incoming_phone_numbers": found, "next_page_uri": None})
    return json_reply({"sid": account, "status": "active", "friendly_name": "Loja"}) if mine else None
