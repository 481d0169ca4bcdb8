"""Customers' messages in callbacks, signed as WhatsApp signs them."""

import hmac
import json
import time

from atende.fakes.accounts import ProviderAccount
from tests.bench.load import post

PATH = "/whatsapp/webhook"


def signed_callback(line: ProviderAccount, *, sender: str, text: str, number: int) -> bytes:
    """The HTTP request of one message to this number of ours. `number` makes its id."""
    message = {
        "from": sender,
        "id": f"wamid.HBgNNTUxMTk4NzY1NDMyMRUCABIYFjNFQjBDNUM2{number:012}AA==",
        "timestamp": str(int(time.time())),
        "text": {"body": text},
        "type": "text",
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551140028922", "phone_number_id": line.external_id},
        "contacts": [{"profile": {"name": f"Cliente {number}"}, "wa_id": sender}],
        "messages": [message],
    }
    entry = {"id": line.provider_account, "changes": [{"value": value, "field": "messages"}]}
    raw = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}, ensure_ascii=False).encode()
    signature = "sha256=" + hmac.digest(line.signing.encode(), raw, "sha256").hex()
    return post(PATH, raw, {"X-Hub-Signature-256": signature, "User-Agent": "facebookexternalua"})
