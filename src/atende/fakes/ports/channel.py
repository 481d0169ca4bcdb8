"""A channel that stores sent messages, with scripted faults."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from atende.core.conversation.channel import ChannelAccount, ChannelCheck, Connection, Outgoing
from atende.core.conversation.ports import Channel, SendDelayed, SendDoubtful, SendRefused

MAX_TEXT = 1_600
SKEW = timedelta(seconds=5)
FOUND_WITHIN = timedelta(seconds=30)

Trouble = Callable[[], Exception]


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that the customer received."""

    provider_message_id: str
    account: ChannelAccount
    message: Outgoing


class FakeChannel(Channel):
    """`sent`: the received messages. `can_find`: whether messages can be looked up, as with Twilio but not with WhatsApp."""

    def __init__(self, *, can_find: bool = True, max_text: int = MAX_TEXT) -> None:
        self.sent: list[SentMessage] = []
        self.checks: dict[str, ChannelCheck] = {}
        self._can_find = can_find
        self._max_text = max_text
        self._script: deque[tuple[bool, Trouble]] = deque()

    async def close(self) -> None:
        """Nothing to close."""

    def refuse_next(self, detail: str = "the recipient is not valid") -> None:
        self._script.append((False, lambda: SendRefused(detail)))

    def delay_next(self, retry_after: float | None = None) -> None:
        self._script.append((False, lambda: SendDelayed("the channel is busy", retry_after=retry_after)))

    def doubt_next(self, *, arrived: bool) -> None:
        """The next send gets no response; `arrived`: whether the customer receives the message anyway."""
        self._script.append((arrived, lambda: SendDoubtful("the channel did not answer")))

    async def send(self, account: ChannelAccount, message: Outgoing) -> str:
        if len(message.text) > self._max_text:
            raise SendRefused(f"at most {self._max_text} characters, this text has {len(message.text)}: split it")
        arrives, trouble = self._script.popleft() if self._script else (True, None)
        sent = SentMessage(f"memory-{uuid4().hex}", account, message)
        if arrives:
            self.sent.append(sent)
        if trouble is not None:
            raise trouble()
        return sent.provider_message_id

    async def find(self, account: ChannelAccount, message: Outgoing) -> str | None:
        if not self._can_find:
            return None
        found = (one for one in self.sent if one.account.id == account.id and _alike(one.message, message))
        return next((one.provider_message_id for one in found), None)

    async def check(self, account: ChannelAccount) -> ChannelCheck:
        """Connected, unless `checks` says otherwise of this number."""
        return self.checks.get(account.external_id, ChannelCheck(connection=Connection.CONNECTED))


def _alike(sent: Outgoing, asked: Outgoing) -> bool:
    """Whether recipient, text and time match; a provider does not know our reference."""
    late = sent.sending_at - asked.sending_at
    return sent.to == asked.to and sent.text == asked.text and -SKEW <= late <= FOUND_WITHIN
