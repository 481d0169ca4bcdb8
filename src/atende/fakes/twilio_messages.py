"""Twilio's message resources and lists, and the signatures and retries of its callbacks."""

import base64
import hmac
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import msgspec

from atende.fakes.callbacks import Retry

TOTAL_TIME = 15.0
TEXTS = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    21211: "Invalid 'To' Phone Number",
    21606: "The 'From' phone number is not a valid, message-capable number for this account",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21619: "A text message body is required",
    63016: "Failed to send freeform message because you are outside the allowed window",
}


class Resource(msgspec.Struct, kw_only=True):
    """A message as Twilio stores it."""

    sid: str
    account_sid: str
    sender: str
    to: str
    body: str
    created: float
    status: str = "queued"
    error_code: int | None = None
    callback: str = ""

    def shown(self) -> dict[str, Any]:
        at = format_datetime(datetime.fromtimestamp(int(self.created), UTC), usegmt=False)
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "from": self.sender,
            "to": self.to,
            "body": self.body,
            "status": self.status,
            "direction": "outbound-api",
            "api_version": "2010-04-01",
            "date_created": at,
            "date_sent": at,
            "date_updated": at,
            "error_code": self.error_code,
            "error_message": TEXTS.get(self.error_code) if self.error_code else None,
            "num_segments": "1",
            "num_media": "0",
            "price": None,
            "price_unit": "USD",
            "messaging_service_sid": None,
            "subresource_uris": {},
            "uri": f"/2010-04-01/Accounts/{self.account_sid}/Messages/{self.sid}.json",
        }


def sign(url: str, params: dict[str, str], auth_token: str) -> str:
    """The X-Twilio-Signature of a form: SHA-1 over the URL and the sorted names and values."""
    signed = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.digest(auth_token.encode(), signed.encode(), "sha1")).decode()


def retries(overrides: dict[str, str], wait: float) -> Retry:
    """`rc` further attempts after the failures in `rp`: ct (no connection, the default), rt (timeout), 4xx, 5xx, all."""
    count = int(overrides.get("rc", "1"))
    policy = set(overrides.get("rp", "ct").split(","))
    started = time.monotonic()

    def retry(attempt: int, why: str) -> float | None:
        kind = {"connect": "ct", "read": "rt"}.get(why, f"{why[0]}xx")
        in_time = time.monotonic() - started + wait < TOTAL_TIME
        return wait if attempt <= count and policy & {kind, "all"} and in_time else None

    return retry


def matches(resource: Resource, query: dict[str, str]) -> bool:
    if query.get("To", resource.to) != resource.to or query.get("From", resource.sender) != resource.sender:
        return False
    sent = int(resource.created)
    if (day := query.get("DateSent")) and datetime.fromtimestamp(sent, UTC).date().isoformat() != day[:10]:
        return False
    after, before = query.get("DateSent>"), query.get("DateSent<")
    return (not after or sent >= int(_moment(after))) and (not before or sent <= int(_moment(before)))


def _moment(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
