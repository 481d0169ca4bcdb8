"""A fake of Twilio's Messages API, for SMS and WhatsApp, and of the customers' phones."""

import base64
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl, urldefrag, urlencode

import msgspec

from atende.fakes.accounts import ProviderAccount
from atende.fakes.callbacks import PendingCallback
from atende.fakes.channel_provider import FakeChannelProvider
from atende.fakes.faults import Fault
from atende.fakes.loopback_server import Reply, Request, json_reply
from atende.fakes.phones import person
from atende.fakes.provider import Clock, Sent, Written
from atende.fakes.twilio_messages import TEXTS, TOTAL_TIME, Resource, matches, retries, sign
from atende.fakes.twilio_numbers import Number, Setup, account_of, of_account

WINDOW = 24 * 3600
MAX_TEXT = 1_600

_MESSAGES = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-zA-Z]+)/Messages\.json")
_MESSAGE = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-zA-Z]+)/Messages/([A-Z]{2}[0-9a-f]{32})\.json")
_ADDRESS = re.compile(r"(?:whatsapp:)?\+[1-9]\d{6,14}|\d{3,8}")
_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
_START = frozenset({"START", "YES", "UNSTOP"})


class FakeTwilio(FakeChannelProvider):
    """`statuses` are reported for each of our messages. Until a first number is added, any account and number works.

    Callbacks are retried as the fragment of their URL says (`#rc=5&rp=all`), within 15 s, `retry_wait` seconds apart.
    """

    name: ClassVar[str] = "twilio"

    def __init__(
        self,
        *,
        inbound_url: str = "",
        statuses: Sequence[str] = ("sent", "delivered"),
        window: bool = True,
        retry_wait: float = 0.2,
        seed: int = 0,
        faults: Iterable[Fault] = (),
        log_file: Path | None = None,
        clock: Clock = time.time,
    ) -> None:
        super().__init__(seed=seed, faults=faults, log_file=log_file, clock=clock)
        self.inbound_url = inbound_url
        self.statuses = statuses
        self.window = window
        self.retry_wait = retry_wait
        self.numbers: dict[str, Number] = {}
        self.resources: dict[str, Resource] = {}
        self._tokens: dict[str, str] = {}
        self._wrote_at: dict[tuple[str, str], float] = {}
        self._unsubscribed: set[tuple[str, str]] = set()

    def add_account(self, account: ProviderAccount) -> None:
        self.add_number(
            Number(number=account.external_id, account_sid=account.provider_account, auth_token=account.signing)
        )

    def call_back(self, base_url: str, *, secret: str = "") -> None:
        self.inbound_url = f"{base_url.rstrip('/')}/webhooks/twilio/inbound"

    def set_up(self, body: bytes) -> None:
        told = msgspec.json.decode(body, type=Setup)
        self.inbound_url = self.inbound_url if told.inbound_url is None else told.inbound_url
        for number in told.numbers:
            self.add_number(number)

    def add_number(self, number: Number) -> None:
        self.numbers[number.number] = number
        self._tokens[number.account_sid] = number.auth_token

    async def customers_write(self, *written: Written) -> list[str]:
        """Sends each message in its own callback, with further form parameters from `message`. Returns their sids."""
        sids = []
        for one in written:
            ours = self.numbers.get(one.number or next(iter(self.numbers), ""))
            if ours is None:
                raise ValueError("the customer writes to a number that was not added")
            sid = _sid("SM")
            sids.append(sid)
            sender = _prefixed(one.sender, ours.number)
            self._wrote_at[ours.number, person(sender)] = self.clock()
            self.log.add("wrote", id=sid, customer=sender, number=ours.number, text=one.text)
            params = self._inbound(sid, sender, ours, one) | self._opted(sender, ours.number, one.text)
            self._deliver_message(ours, sid, params | (one.message or {}))
        return sids

    async def handle(self, request: Request) -> Reply:
        one = _MESSAGE.fullmatch(request.path)
        route = one or _MESSAGES.fullmatch(request.path)
        if route is None:
            return self._of_account(request)
        account = route[1]
        if not self._knows(account, request.headers.get("authorization", "")):
            return self.refusal(401, 20003)
        if one is not None:
            found = self.resources.get(one[2])
            return json_reply(found.shown()) if found and found.account_sid == account else self.refusal(404, 20404)
        return self._create(account, request.form()) if request.method == "POST" else self._list(account, request)

    def refusal(self, status: int, code: int | str | None) -> Reply:
        code = int(code or {429: 20429, 401: 20003, 404: 20404}.get(status, 20500))
        text = TEXTS.get(code, "Error")
        info = f"https://www.twilio.com/docs/errors/{code}"
        return json_reply({"code": code, "message": text, "more_info": info, "status": status}, status)

    def _knows(self, account: str, header: str) -> bool:
        try:
            user, _, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
        except ValueError:
            return False
        if account not in self._tokens and not self.numbers and user == account:
            self._tokens[account] = password
        # A key of the account (SK...) may send as well; its secret is not what signs callbacks.
        return bool(password) and (user.startswith("SK") or (user == account and self._tokens.get(user) == password))

    def _of_account(self, request: Request) -> Reply:
        account = account_of(request)
        if not account or not self._knows(account, request.headers.get("authorization", "")):
            return self.refusal(401, 20003) if account else self.refusal(404, 20404)
        return of_account(request, account, self.numbers) or self.refusal(404, 20404)

    def _create(self, account: str, form: dict[str, str]) -> Reply:
        sender, to, body = form.get("From", ""), form.get("To", ""), form.get("Body", "")
        ours = self.numbers.get(sender)
        if self.numbers and (ours is None or ours.account_sid != account):
            return self.refusal(400, 21606)
        if not _ADDRESS.fullmatch(to) or _prefixed(to, sender) != to:
            return self.refusal(400, 21211)
        if not body or len(body) > MAX_TEXT:
            return self.refusal(400, 21617 if body else 21619)
        if (sender, person(to)) in self._unsubscribed:
            return self.refusal(400, 21610)
        resource = Resource(
            sid=_sid("SM"),
            account_sid=account,
            sender=sender,
            to=to,
            body=body,
            created=self.clock(),
            callback=form.get("StatusCallback", ""),
        )
        self.resources[resource.sid] = resource
        reply = json_reply(resource.shown(), 201)
        self._send(resource)
        return reply

    def _send(self, resource: Resource) -> None:
        """Delivers the message, unless WhatsApp's 24 hours are over: then the status is `failed`."""
        wrote_at = self._wrote_at.get((resource.sender, person(resource.to)))
        closed = wrote_at is None or self.clock() - wrote_at >= WINDOW
        if self.window and closed and resource.to.startswith("whatsapp:"):
            resource.error_code = 63016
            self._deliver_status(resource, "failed")
            return
        self.sent.append(
            Sent(id=resource.sid, number=resource.sender, to=resource.to, text=resource.body, at=self.clock())
        )
        self.log.add(
            "sent", id=resource.sid, customer=resource.to, number=resource.sender, text=resource.body, reference=None
        )
        for status in self.statuses:
            self._deliver_status(resource, status)

    def _list(self, account: str, request: Request) -> Reply:
        """A list as Twilio's: newest first, filtered and in pages."""
        query = dict(request.query)
        found = [r for r in reversed(self.resources.values()) if r.account_sid == account and matches(r, query)]
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        start = page * size
        uri = f"/2010-04-01/Accounts/{account}/Messages.json"
        more = start + size < len(found)
        return json_reply(
            {
                "messages": [resource.shown() for resource in found[start : start + size]],
                "page": page,
                "page_size": size,
                "start": start,
                "end": start + size - 1,
                "uri": uri,
                "first_page_uri": uri,
                "previous_page_uri": None,
                "next_page_uri": f"{uri}?{urlencode({**query, 'Page': page + 1})}" if more else None,
            }
        )

    def _inbound(self, sid: str, sender: str, ours: Number, one: Written) -> dict[str, str]:
        params = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": ours.account_sid,
            "From": sender,
            "To": ours.number,
            "Body": one.text,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
            "MessagingServiceSid": "",
        }
        if sender.startswith("whatsapp:"):
            params |= {
                "ProfileName": one.name or "Customer",
                "WaId": sender.removeprefix("whatsapp:+"),
                "MessageType": "text",
            }
        return params

    def _opted(self, sender: str, number: str, text: str) -> dict[str, str]:
        """Opt-out and opt-in of SMS customers by keyword, which Twilio handles itself."""
        word = text.strip().upper()
        pair = (number, person(sender))
        if word in _STOP and not sender.startswith("whatsapp:"):
            self._unsubscribed.add(pair)
            return {"OptOutType": "STOP"}
        if word in _START and pair in self._unsubscribed:
            self._unsubscribed.discard(pair)
            return {"OptOutType": "START"}
        return {}

    def _deliver_message(self, ours: Number, sid: str, params: dict[str, str]) -> None:
        url = ours.inbound_url or self.inbound_url
        if not url:
            return

        def fallback(why: str) -> PendingCallback | None:
            if not ours.fallback_url:
                return None
            told = params | {"ErrorCode": "11200", "ErrorUrl": urldefrag(url).url}
            return self._pending(ours.account_sid, ours.fallback_url, told, lane="", ids=(sid,))

        lane = f"{ours.number}/{person(params['From'])}"
        pending = self._pending(ours.account_sid, url, params, lane=lane, ids=(sid,))
        pending.otherwise = fallback
        self.courier.deliver(pending)

    def _deliver_status(self, resource: Resource, status: str) -> None:
        resource.status = status
        if not resource.callback:
            return
        params = {
            "MessageSid": resource.sid,
            "SmsSid": resource.sid,
            "AccountSid": resource.account_sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "From": resource.sender,
            "To": resource.to,
            "ApiVersion": "2010-04-01",
        }
        if resource.error_code:
            params |= {"ErrorCode": str(resource.error_code), "ErrorMessage": TEXTS[resource.error_code]}
        lane = f"{resource.sender}/{person(resource.to)}"
        ids = (f"{resource.sid}/{status}",)
        self.courier.deliver(self._pending(resource.account_sid, resource.callback, params, lane=lane, ids=ids))

    def _pending(
        self, account: str, url: str, params: dict[str, str], *, lane: str, ids: tuple[str, ...]
    ) -> PendingCallback:
        target, fragment = urldefrag(url)
        return PendingCallback(
            lane=lane,
            url=target,
            body=urlencode(params).encode(),
            headers={
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                "X-Twilio-Signature": sign(target, params, self._tokens.get(account, "")),
                "I-Twilio-Idempotency-Token": secrets.token_hex(16),
            },
            retry=retries(dict(parse_qsl(fragment)), self.retry_wait),
            timeout=TOTAL_TIME,
            ids=ids,
            about={"id": params["MessageSid"], "status": params.get("MessageStatus")},
        )


def _sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def _prefixed(address: str, like: str) -> str:
    """The address with the `whatsapp:` prefix if `like` has it."""
    plain = address.removeprefix("whatsapp:")
    return f"whatsapp:{plain}" if like.startswith("whatsapp:") else plain
