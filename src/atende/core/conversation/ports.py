"""What conversations need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from atende.core.conversation.channel import ChannelAccount, ChannelCheck, DeliveryReport, InboundMessage, Outgoing
from atende.core.conversation.model import Conversation, Handoff, Message
from atende.core.conversation.turns import Turn
from atende.core.kernel import Conflict, Page, TenantScope, Unavailable
from atende.core.knowledge.model import Agent, Answer, ModelCall
from atende.core.tenancy.model import Project
from atende.core.work.model import Claim


class SendRefused(Conflict):
    """The channel refuses this message for good: it was certainly not sent."""


class SendDelayed(Unavailable):
    """The message was certainly not sent, and may be tried again."""


class SendDoubtful(Exception):
    """Nobody knows whether the message was sent: it must not be sent again without proof."""


class Channel(Protocol):
    async def send(self, account: ChannelAccount, message: Outgoing) -> str:
        """The provider's message id. One attempt, within 15 s. Raises SendRefused, SendDelayed or SendDoubtful."""

    async def find(self, account: ChannelAccount, message: Outgoing) -> str | None:
        """The provider's id of this message if the provider can be asked and has it; else None. Raises Unavailable."""

    async def check(self, account: ChannelAccount) -> ChannelCheck:
        """Asks the provider whether both secrets are right and the number belongs to them. Makes the provider send what the number
        receives to us, where that can be asked for. Raises Unavailable.
        """


class ChannelAccounts(Protocol):
    async def add(self, account: ChannelAccount) -> None:
        """Raises Conflict when the number is connected already, here or elsewhere."""

    async def get(self, scope: TenantScope, account_id: UUID, *, lock: bool = False) -> ChannelAccount:
        """Also one that was disconnected. Raises NotFound."""

    async def save(self, account: ChannelAccount) -> None:
        """All but the secrets, which `put_secrets` replaces."""

    async def put_secrets(self, account: ChannelAccount) -> None: ...

    async def page(
        self, scope: TenantScope, *, page: int, limit: int, after: str | None = None
    ) -> Page[ChannelAccount]:
        """Those that are not disconnected, newest first, without their secrets; with `after` (a `Page.next`) those behind it."""


class ChannelDirectory(Protocol):
    """Accounts before the tenant is known; on a connection of its own."""

    async def named(self, kinds: Sequence[str], names: Sequence[str]) -> list[ChannelAccount]:
        """Active accounts of any tenant, by external id or provider account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """An item of a callback that was kept, not processed. `body` is the item as it came."""

    source: str
    account: str
    external_id: str
    reason: str
    body: bytes


class Inbox(Protocol):
    """Takes what channels bring, durably and once; committed when a call returns."""

    async def receive(self, messages: Sequence[InboundMessage]) -> list[bool]:
        """Inbox row, contact, open conversation, message and turn job of each; False for one that was known already."""

    async def report(self, reports: Sequence[DeliveryReport]) -> list[bool]:
        """Each moves its message forward only; False where nothing moved."""

    async def quarantine(self, items: Sequence[Quarantined]) -> None: ...


class Conversations(Protocol):
    async def get(self, scope: TenantScope, conversation_id: UUID) -> Conversation:
        """Raises NotFound."""

    async def lock(self, scope: TenantScope, conversation_id: UUID) -> Conversation:
        """The same, locked until the transaction ends."""

    async def save(self, conversation: Conversation) -> None: ...

    async def page(
        self,
        scope: TenantScope,
        *,
        page: int,
        limit: int,
        status: str | None = None,
        attendance: str | None = None,
        after: str | None = None,
    ) -> Page[Conversation]:
        """The latest message first; with `after` (a `Page.next`) those behind it, whatever `page` says."""


class Messages(Protocol):
    async def save(self, scope: TenantScope, message: Message) -> None:
        """Inserted or brought up to date. Raises Conflict for a second reply to one turn."""

    async def get(self, scope: TenantScope, message_id: UUID) -> Message:
        """Raises NotFound."""

    async def lock(self, scope: TenantScope, message_id: UUID) -> Message:
        """The same, locked until the transaction ends; its conversation is locked before it, by whoever locks both."""

    async def of(
        self,
        scope: TenantScope,
        conversation_id: UUID,
        *,
        after_seq: int = 0,
        last: int | None = None,
        first: int | None = None,
    ) -> list[Message]:
        """In the order of the conversation; `last` keeps the newest ones, `first` the oldest."""


class Turns(Protocol):
    async def get(self, scope: TenantScope, turn_id: UUID) -> Turn:
        """Raises NotFound."""

    async def latest_in(self, scope: TenantScope, conversation_id: UUID) -> tuple[Turn | None, Message | None]:
        """The latest turn, which is the only one that may be open, and the reply to it, which is locked."""

    async def save(self, scope: TenantScope, turn: Turn) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnContext:
    """What a turn is about. The conversation is locked, and the project's status pinned, until the transaction ends.

    `agent` is the conversation's own, else the project's; None when the project has none.
    """

    conversation: Conversation
    account: ChannelAccount
    project: Project
    agent: Agent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTurn:
    """`latest` is the conversation's latest turn, the only one that may be open, and `reply` the reply to it, which is locked.

    `messages`: those that no turn covers yet or that the open turn covers, and some before them, in their order.
    """

    context: TurnContext
    latest: Turn | None
    reply: Message | None
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumedTurn:
    """`newer`: the messages that came since, in their order."""

    context: TurnContext
    newer: Sequence[Message]


class TurnRecords(Protocol):
    """What a turn reads and writes under its conversation's lock: each call is one statement."""

    async def open(self, claim: Claim, *, history: int) -> OpenedTurn:
        """Locks the claim's conversation and its job; `history`: how many earlier messages are read.

        Raises Fenced unless the claim still holds, or NotFound.
        """

    async def resume(self, claim: Claim, context: TurnContext, *, after_seq: int) -> ResumedTurn:
        """The same in a later transaction: conversation and project are read anew, account and agent are not."""

    async def prepare(self, scope: TenantScope, turn: Turn, calls: Sequence[ModelCall]) -> None:
        """Saves the turn and the intent of its model calls."""

    async def record(
        self, context: TurnContext, *, turn: Turn, message: Message, answer: Answer, calls: Sequence[ModelCall]
    ) -> None:
        """Saves the conversation, the turn and its calls, and adds the answer with its citations and the message.

        Raises Conflict for a second reply to one turn.
        """

    async def sent(self, claim: Claim, message_id: UUID, *, provider_message_id: str, at: datetime) -> None:
        """Moves a message to `sent` as `Message.moved` does, and finishes the job, in a transaction of its own.

        Raises Fenced if the claim was lost.
        """


class Handoffs(Protocol):
    async def add(self, scope: TenantScope, handoff: Handoff) -> None: ...

    async def settle(self, scope: TenantScope, conversation_id: UUID, *, by: str) -> None:
        """Marks the conversation's open handoffs as taken."""
