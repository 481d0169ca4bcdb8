"""What a channel brings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from atende.core.conversation.channel import DeliveryReport, InboundMessage
from atende.core.conversation.ports import Inbox, Quarantined
from atende.core.conversation.turn.job import SILENT_KINDS
from atende.core.language.intents import opt_out
from atende.core.language.smalltalk import is_courtesy

AFTER_THE_END = timedelta(hours=24)
"""How long a courtesy still belongs to the conversation that ended."""

_SHORT = 40
"""Characters; longer messages are read in their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveMessages:
    """Everything of a verified callback is stored once, for good, before it is acknowledged; nothing else happens yet.

    - A message opens or continues the contact's one open conversation, and queues one turn for a burst of them.
    - A message that was stored before changes nothing, however late it comes again.
    - A courtesy after the end (thanks, a farewell, a smile) is kept with the conversation that ended; nothing else happens.
    - STOP and its like take effect with the message itself.
    - Delivery reports move messages forward only.
    - What cannot be understood, or is not the sender's to send, is kept for the operator.
    """

    inbox: Inbox

    async def __call__(
        self,
        messages: Sequence[InboundMessage] = (),
        reports: Sequence[DeliveryReport] = (),
        quarantined: Sequence[Quarantined] = (),
    ) -> int:
        """The number of messages that were new. Raises Unavailable: then nothing may be acknowledged."""
        new = 0
        if messages:
            new = sum(await self.inbox.receive([_read(message) for message in messages]))
        if reports:
            await self.inbox.report(reports)
        if quarantined:
            await self.inbox.quarantine(quarantined)
        return new


def _read(message: InboundMessage) -> InboundMessage:
    """With what a short message says to us at once."""
    if len(message.text) >= _SHORT:
        return message
    wish = opt_out(message.text)
    if wish:
        return replace(message, opt=wish)
    if message.kind in SILENT_KINDS or (message.kind == "text" and is_courtesy(message.text)):
        return replace(message, courtesy_for=int(AFTER_THE_END.total_seconds()))
    return message
