"""WhatsApp callbacks as Meta writes them, for tests."""

import hmac
import json
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from atende.core.conversation.channel import DeliveryReport, InboundMessage
from atende.core.conversation.ports import Quarantined
from atende.inbound.http.webhooks.content import ProvenAccounts
from atende.inbound.http.webhooks.whatsapp.payload import parse

SECRET = "0123456789abcdef0123456789abcdef"
NUMBER = "106540352242922"


def sign(raw: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.digest(secret.encode(), raw, "sha256").hex()


def text(body: str = "Olá", n: int = 1, **extra: Any) -> dict[str, Any]:
    return {
        "from": "5511987654321",
        "id": f"wamid.{n:08}",
        "timestamp": "1764238453",
        "type": "text",
        "text": {"body": body},
        **extra,
    }


def status(word: str = "delivered", n: int = 1, **extra: Any) -> dict[str, Any]:
    return {
        "id": f"wamid.{n:08}",
        "status": word,
        "timestamp": "1764238453",
        "recipient_id": "5511987654321",
        **extra,
    }


def callback(*messages: Any, statuses: Any = (), number: str = NUMBER, **extra: Any) -> dict[str, Any]:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551140028922", "phone_number_id": number},
        "contacts": [{"profile": {"name": "Ana Lima"}, "wa_id": "5511987654321"}],
        "messages": list(messages),
        "statuses": list(statuses),
        **extra,
    }
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}],
    }


def raw(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


class AllNumbers(ProvenAccounts):
    """Every number has an account, whose id follows from its name."""

    def id_of(self, kind: str, number: str) -> UUID:
        return account_id(number, kind)


def account_id(number: str, kind: str = "whatsapp") -> UUID:
    return uuid5(NAMESPACE_URL, f"{kind}:{number}")


ALL_NUMBERS = AllNumbers({}, SECRET)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The content of one callback, by its kind."""

    messages: list[InboundMessage]
    statuses: list[DeliveryReport]
    unknown: list[Quarantined]


def parsed(body: bytes, accounts: ProvenAccounts = ALL_NUMBERS) -> Parsed:
    content = parse(body, accounts)
    return Parsed(
        [one for one in content if isinstance(one, InboundMessage)],
        [one for one in content if isinstance(one, DeliveryReport)],
        [one for one in content if isinstance(one, Quarantined)],
    )
