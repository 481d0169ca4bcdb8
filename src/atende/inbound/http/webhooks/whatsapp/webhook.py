"""The address that Meta calls for all numbers of an app."""

import hmac

from atende.inbound.http.webhooks.content import Content, ProvenAccounts
from atende.inbound.http.webhooks.endpoint import Callback, Endpoint, Reply
from atende.inbound.http.webhooks.whatsapp.items import KIND
from atende.inbound.http.webhooks.whatsapp.payload import named_accounts, parse, verify

_SIGNATURE = b"x-hub-signature-256"


def whatsapp_endpoint(*, app_secret: str = "", verify_token: str = "") -> Endpoint:
    """`app_secret` and `verify_token` are those of the installation's own app, if it has one; accounts have their own secrets."""

    def shake_hands(callback: Callback) -> Reply:
        query = callback.query
        token, challenge = query.get("hub.verify_token", ""), query.get("hub.challenge", "")
        known = verify_token and hmac.compare_digest(token.encode(), verify_token.encode())
        if known and query.get("hub.mode") == "subscribe":
            return Reply(200, challenge.encode()[:200])
        return Reply(403, b"the verify token does not match WHATSAPP_VERIFY_TOKEN")

    return Endpoint(
        path="/whatsapp/webhook",
        kinds=(KIND,),
        names=_names,
        verify=_verify,
        parse=_parse,
        installation_secret=app_secret,
        handshake=shake_hands,
    )


def _names(callback: Callback) -> list[str]:
    return named_accounts(callback.raw) if callback.header(_SIGNATURE) else []


def _verify(callback: Callback, secret: str) -> bool:
    return verify(callback.raw, callback.header(_SIGNATURE), secret)


def _parse(callback: Callback, accounts: ProvenAccounts) -> list[Content]:
    return parse(callback.raw, accounts)
