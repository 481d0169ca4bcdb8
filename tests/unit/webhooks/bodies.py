"""WhatsApp callbacks as Meta writes them, for tests."""

import hmac
import json
from typing import Any

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
