"""What the callbacks of all vendors are parsed into: messages, delivery reports, and items that are kept for the operator."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from atende.core.conversation.channel import ChannelAccount, DeliveryReport, InboundMessage
from atende.core.conversation.ports import Quarantined

Content = InboundMessage | DeliveryReport | Quarantined


class BadPayload(ValueError):
    """This body cannot be read at all; the answer is 400."""


class NotAssigned(Exception):
    """The item names an account that must not receive it; the text says why."""


@dataclass(frozen=True, slots=True)
class ProvenAccounts:
    """The accounts that a callback may write to: those that use the very secret that proved it."""

    by_name: Mapping[tuple[str, str], ChannelAccount]
    secret: str

    def id_of(self, kind: str, number: str) -> UUID:
        """`number` is what the provider calls the account. Raises NotAssigned."""
        account = self.by_name.get((kind, number))
        if account is None:
            raise NotAssigned("no account of this number is connected")
        if not compare_digest(account.secrets.signing.encode(), self.secret.encode()):
            raise NotAssigned("signed with another account's secret")
        return account.id


def quarantined(kind: str, number: str, body: bytes, reason: str) -> Quarantined:
    """The item as it came, for the operator. Its id is the digest of the body, so that a repeated delivery is kept once."""
    digest = f"sha256:{sha256(body).hexdigest()}"
    return Quarantined(source=kind, account=number, external_id=digest, reason=reason, body=body)


def without_nul(text: str) -> str:
    """PostgreSQL cannot store NUL: the customer's words are worth more than the stray byte."""
    return text.replace("\x00", "") if "\x00" in text else text


def message_id(text: str | None) -> UUID | None:
    """Our message id as the provider echoed it; None when it is not one of ours."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
