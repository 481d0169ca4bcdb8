"""The two addresses that Twilio calls: messages in, and what became of messages out."""

from collections.abc import Callable, Sequence

from atende.inbound.http.webhooks.content import Content, ProvenAccounts
from atende.inbound.http.webhooks.endpoint import Callback, Endpoint, NotGenuine, Reply
from atende.inbound.http.webhooks.twilio.payload import (
    SMS,
    WHATSAPP,
    Params,
    named_account,
    parse_form,
    parse_message,
    parse_status,
    verify,
)

INBOUND, STATUS = "/webhooks/twilio/inbound", "/webhooks/twilio/status"
_SIGNATURE = b"x-twilio-signature"
_NO_REPLY = Reply(200, b'<?xml version="1.0" encoding="UTF-8"?><Response/>', b"text/xml; charset=utf-8")


def twilio_endpoints(public_url: str) -> list[Endpoint]:
    """`public_url` is the address that Twilio was given; signatures are made over it, whatever proxies say."""

    def endpoint(
        path: str, parse: Callable[[Callback, ProvenAccounts], Sequence[Content]], *, status: bool
    ) -> Endpoint:
        return Endpoint(
            path=path,
            kinds=(SMS, WHATSAPP),
            names=lambda callback: _names(callback, status=status),
            verify=lambda callback, secret: verify(
                f"{public_url.rstrip('/')}{callback.path_and_query}",
                _form(callback),
                callback.header(_SIGNATURE),
                secret,
            ),
            parse=parse,
            reply=_NO_REPLY,
        )

    return [endpoint(INBOUND, _message, status=False), endpoint(STATUS, _status, status=True)]


def _form(callback: Callback) -> Params:
    """Decoded once: the signature is made over the parameters. Raises BadPayload."""
    if "form" not in callback.decoded:
        callback.decoded["form"] = parse_form(callback.raw)
    form: Params = callback.decoded["form"]
    return form


def _names(callback: Callback, *, status: bool) -> Sequence[str]:
    """Raises NotGenuine where nothing is signed or named: no secret of anybody's is tried on that."""
    named = named_account(_form(callback), status=status)
    if named is None or not callback.header(_SIGNATURE):
        raise NotGenuine
    return named.number, named.account_sid


def _message(callback: Callback, accounts: ProvenAccounts) -> list[Content]:
    return [parse_message(_form(callback), callback.raw, accounts)]


def _status(callback: Callback, accounts: ProvenAccounts) -> list[Content]:
    message = callback.query.get("message")
    return [parse_status(_form(callback), callback.raw, accounts, message=message)]
