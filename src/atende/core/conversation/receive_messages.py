"""What a channel brings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from atende.core.conversation.channel import DeliveryReport, InboundMessage
from atende.core.conversation.ports import Inbox, Quarantined
from atende.core.language.intents import opt_out


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveMessages:
    """Everything of a verified callback is stored once, for good, before it is acknowledged; nothing else happens yet.

    - A message opens or continues the contact's one open conversation, and queues one turn for a burst of them.
    - A message that was stored before changes nothing, however late it comes again.
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
            new = sum(await self.inbox.receive([_with_opt(message) for message in messages]))
        if reports:
            await self.inbox.report(reports)
        if quarantined:
            await self.inbox.quarantine(quarantined)
        return new


def _with_opt(message: InboundMessage) -> InboundMessage:
    wish = opt_out(message.text) if len(message.text) < 40 else None
    return replace(message, opt=wish) if wish else message
