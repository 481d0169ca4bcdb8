"""A fake of the WhatsApp Cloud API and of the customers' phones."""

import hmac
import re
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import httpx
import msgspec

from atende.fakes.accounts import ProviderAccount
from atende.fakes.callbacks import PendingCallback
from atende.fakes.channel_provider import FakeChannelProvider
from atende.fakes.faults import Fault
from atende.fakes.loopback_server import Reply, Request, json_reply
from atende.fakes.phones import digits, person
from atende.fakes.provider import Clock, Sent, Written
from atende.fakes.whatsapp_numbers import Number, Setup, of_graph

WINDOW = 24 * 3600
MAX_TEXT = 4_096
RETRIED_FOR = 7 * 24 * 3600
LONGEST_WAIT = 3_600

_MESSAGES = re.compile(r"/v\d+\.\d+/([^/]+)/messages")
_TITLES = {
    100: "Invalid parameter",
    190: "Access token has expired",
    131000: "Something went wrong",
    131047: "Re-engagement message",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    130429: "Rate limit hit",
}


class FakeWhatsApp(FakeChannelProvider):
    """`statuses` are reported for each of our messages. `late_refusals`: outside the 24 hours, the refusal comes as a status.

    Numbers that were not added work too, with the values given here, until the first one is added. A callback that gets
    no 2xx is repeated after `backoff` seconds, twice as long each time, for a week.
    """

    name: ClassVar[str] = "whatsapp"

    def __init__(
        self,
        *,
        callback_url: str = "",
        app_secret: str = "",
        access_token: str | None = None,
        statuses: Sequence[str] = ("sent", "delivered", "read"),
        window: bool = True,
        late_refusals: bool = False,
        backoff: float = 1.0,
        seed: int = 0,
        faults: Iterable[Fault] = (),
        log_file: Path | None = None,
        clock: Clock = time.time,
    ) -> None:
        super().__init__(seed=seed, faults=faults, log_file=log_file, clock=clock)
        self.callback_url = callback_url
        self.app_secret = app_secret
        self.access_token = access_token
        self.statuses = statuses
        self.window = window
        self.late_refusals = late_refusals
        self.backoff = backoff
        self.numbers: dict[str, Number] = {}
        self._wrote_at: dict[tuple[str, str], float] = {}

    def add_account(self, account: ProviderAccount) -> None:
        self.add_number(
            Number(
                id=account.external_id,
                display=account.address.lstrip("+"),
                business=account.provider_account,
                access_token=account.access,
                app_secret=account.signing,
            )
        )

    def call_back(self, base_url: str, *, secret: str = "") -> None:
        self.callback_url = f"{base_url.rstrip('/')}/whatsapp/webhook"
        self.app_secret = secret

    def set_up(self, body: bytes) -> None:
        told = msgspec.json.decode(body, type=Setup)
        self.callback_url = self.callback_url if told.callback_url is None else told.callback_url
        self.app_secret = self.app_secret if told.app_secret is None else told.app_secret
        for number in told.numbers:
            self.add_number(number)

    def add_number(self, number: Number) -> None:
        self.numbers[number.id] = number

    async def subscribe(self, verify_token: str) -> bool:
        """Verifies the callback URL as Meta does when it is set. Returns whether the response was right."""
        challenge = secrets.token_hex(8)
        query = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": challenge}
        async with httpx.AsyncClient(trust_env=False) as client:
            response = await client.get(self.callback_url, params=query)
        return response.is_success and response.text == challenge

    async def customers_write(self, *written: Written) -> list[str]:
        """Sends all messages to one number in one callback, as Meta batches them. Returns their ids."""
        batches: dict[str, list[tuple[str, Written]]] = {}
        ids = []
        for one in written:
            number = one.number or next(iter(self.numbers), "")
            if not number:
                raise ValueError("say which number the customer writes to")
            ids.append(_wamid())
            batches.setdefault(number, []).append((ids[-1], one))
            self._wrote_at[number, person(one.sender)] = self.clock()
            self.log.add("wrote", id=ids[-1], customer=digits(one.sender), number=number, text=one.text)
        for number, batch in batches.items():
            self._deliver_messages(self._number(number), batch)
        return ids

    async def handle(self, request: Request) -> Reply:
        route = _MESSAGES.fullmatch(request.path)
        if route is None or request.method != "POST":
            return of_graph(request, self.numbers) or self.refusal(404, 100)
        number = self._number(route[1])
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token or (number.access_token or token) != token:
            return self.refusal(401, 190)
        if self.numbers and number.id not in self.numbers:
            return self.refusal(400, 100)
        try:
            body = msgspec.json.decode(request.body, type=_Asked)
        except msgspec.DecodeError:
            return self.refusal(400, 100)
        to = body.recipient or digits(body.to)
        if not to or not 0 < len(body.text.body) <= MAX_TEXT:
            return self.refusal(400, 100)
        return self._take(number, to, body)

    def refusal(self, status: int, code: int | str | None) -> Reply:
        code = int(code or (130429 if status == httpx.codes.TOO_MANY_REQUESTS else 131000))
        error = {
            "message": f"(#{code}) {_TITLES.get(code, 'Error')}",
            "type": "OAuthException",
            "code": code,
            "error_data": {"messaging_product": "whatsapp", "details": _TITLES.get(code, "Error")},
            "fbtrace_id": secrets.token_hex(6),
        }
        return json_reply({"error": error}, status)

    def _take(self, number: Number, to: str, body: "_Asked") -> Reply:
        wrote_at = self._wrote_at.get((number.id, person(to)))
        closed = self.window and (wrote_at is None or self.clock() - wrote_at >= WINDOW)
        if closed and not self.late_refusals:
            return self.refusal(400, 131047)
        sent = Sent(
            id=_wamid(),
            number=number.id,
            to=to,
            text=body.text.body,
            at=self.clock(),
            reference=body.biz_opaque_callback_data,
        )
        if not closed:
            self.sent.append(sent)
            self.log.add("sent", id=sent.id, customer=to, number=number.id, text=sent.text, reference=sent.reference)
        for status in ("failed",) if closed else self.statuses:
            self._deliver_status(number, sent, status)
        return json_reply(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": body.recipient or body.to, "wa_id": to}],
                "messages": [{"id": sent.id}],
            }
        )

    def _number(self, number_id: str) -> Number:
        known = self.numbers.get(number_id)
        return Number(
            id=number_id,
            display=known.display if known else "15550001111",
            business=known.business if known else "100000000000001",
            access_token=(known.access_token if known else None) or self.access_token,
            app_secret=(known.app_secret if known else "") or self.app_secret,
            callback_url=(known.callback_url if known else "") or self.callback_url,
        )

    def _deliver_messages(self, number: Number, batch: list[tuple[str, Written]]) -> None:
        people = {one.sender: one.name for _, one in batch}
        value = {
            "contacts": [
                {"profile": {"name": name or "Customer"}, "wa_id": digits(sender)} for sender, name in people.items()
            ],
            "messages": [
                {"from": digits(one.sender), "id": wamid, "timestamp": str(int(self.clock()))}
                | (one.message or {"type": "text", "text": {"body": one.text}})
                for wamid, one in batch
            ],
        }
        ids = tuple(wamid for wamid, _ in batch)
        self._deliver(number, value, lane=batch[0][1].sender, ids=ids, about={"messages": list(ids)})

    def _deliver_status(self, number: Number, sent: Sent, status: str) -> None:
        item: dict[str, Any] = {
            "id": sent.id,
            "status": status,
            "timestamp": str(int(self.clock())),
            "recipient_id": sent.to,
        }
        if sent.reference is not None:
            item["biz_opaque_callback_data"] = sent.reference
        if status == "failed":
            item["errors"] = [
                {"code": 131047, "title": _TITLES[131047], "error_data": {"details": "More than 24 hours have passed"}}
            ]
        about = {"status": status, "id": sent.id}
        self._deliver(number, {"statuses": [item]}, lane=sent.to, ids=(f"{sent.id}/{status}",), about=about)

    def _deliver(
        self, number: Number, value: dict[str, Any], *, lane: str, ids: tuple[str, ...], about: dict[str, Any]
    ) -> None:
        if not number.callback_url:
            return
        metadata = {"display_phone_number": number.display, "phone_number_id": number.id}
        change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
        body = msgspec.json.encode(
            {"object": "whatsapp_business_account", "entry": [{"id": number.business, "changes": [change]}]}
        )
        signature = hmac.digest(number.app_secret.encode(), body, "sha256").hex()
        self.courier.deliver(
            PendingCallback(
                lane=f"{number.id}/{person(lane)}",
                url=number.callback_url,
                body=body,
                headers={"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"},
                retry=self._retry,
                ids=ids,
                about=about,
            )
        )

    def _retry(self, attempt: int, _: str) -> float | None:
        """Meta retries for a week with growing intervals."""
        wait = min(self.backoff * 2.0 ** min(attempt - 1, 30), LONGEST_WAIT)
        return None if attempt * wait > RETRIED_FOR else wait


class _AskedText(msgspec.Struct):
    body: str = ""


class _Asked(msgspec.Struct):
    messaging_product: str
    type: str
    text: _AskedText
    to: str = ""
    recipient: str = ""
    biz_opaque_callback_data: str | None = None

    def __post_init__(self) -> None:
        if self.messaging_product != "whatsapp" or self.type != "text":
            raise ValueError("only texts are sent")


def _wamid() -> str:
    return "wamid." + urlsafe_b64encode(secrets.token_bytes(33)).decode()
