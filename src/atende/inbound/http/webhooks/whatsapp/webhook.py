"""The address that Meta calls for all numbers of an app."""

import hmac
from collections.abc import Sequence

from atende.inbound.http.webhooks.content import Content, ProvenAccounts
from atende.inbound.http.webhooks.endpoint import Callback, Endpoint, Reply
from atende.inbound.http.webhooks.whatsapp.items import KIND
from atende.inbound.http.webhooks.whatsapp.payload import named_accounts, parse, verify

_SIGNATURE = b"x-hub-signature-256"
_ID, _PROOF = 32, 32
"""Characters of a verify token: the account's id, and what only we can have made of it."""


def whatsapp_endpoint(*, app_secret: str = "", verify_token: str = "", token_keys: Sequence[bytes] = ()) -> Endpoint:
    """`app_secret` and `verify_token` are those of the installation's own app, if it has one; accounts have their own secrets.
    `token_keys`, the newest first, make the verify tokens of accounts, which therefore need not be stored.
    """

    def shake_hands(callback: Callback) -> Reply:
        query = callback.query
        token, challenge = query.get("hub.verify_token", ""), query.get("hub.challenge", "")
        known = bool(verify_token) and hmac.compare_digest(token.encode(), verify_token.encode())
        if query.get("hub.mode") == "subscribe" and (known or _is_ours(token, token_keys)):
            return Reply(200, challenge.encode()[:200])
        return Reply(403, b"the verify token matches neither a connected number nor WHATSAPP_VERIFY_TOKEN")

    return Endpoint(
        path="/whatsapp/webhook",
        kinds=(KIND,),
        names=_names,
        verify=_verify,
        parse=_parse,
        installation_secret=app_secret,
        handshake=shake_hands,
        verify_token=(lambda account_id: _token(account_id.hex, token_keys[0])) if token_keys else None,
    )


def _token(account: str, key: bytes) -> str:
    return account + hmac.digest(key, account.encode(), "sha256").hex()[:_PROOF]


def _is_ours(token: str, keys: Sequence[bytes]) -> bool:
    account = token[:_ID]
    return any(hmac.compare_digest(_token(account, key).encode(), token.encode()) for key in keys)


def _names(callback: Callback) -> list[str]:
    return named_accounts(callback.raw) if callback.header(_SIGNATURE) else []


def _verify(callback: Callback, secret: str) -> bool:
    return verify(callback.raw, callback.header(_SIGNATURE), secret)


def _parse(callback: Callback, accounts: ProvenAccounts) -> list[Content]:
    return parse(callback.raw, accounts)
