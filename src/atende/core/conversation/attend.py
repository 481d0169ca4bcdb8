"""A person takes a conversation over, or gives it back to the agent."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.conversation.model import Attendance, Conversation, Delivery, ReplyInFlight
from atende.core.conversation.ports import Conversations, Handoffs, Turns
from atende.core.kernel import TenantScope, Transaction
from atende.core.tenancy.ports import Projects


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """A person attends the conversation from now on: after this response the agent sends nothing more.

    While a reply is being sent, the call waits and is then refused with REPLY_IN_FLIGHT: try again.
    """

    conversations: Conversations
    turns: Turns
    handoffs: Handoffs
    projects: Projects
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, scope: TenantScope, conversation_id: UUID, *, by: str) -> Conversation:
        async with self.transaction(scope):
            (await self.projects.pinned(scope)).require_active()
            conversation = await self.conversations.lock(scope, conversation_id)
            _, reply = await self.turns.latest_in(scope, conversation_id)
            if reply is not None and reply.delivery is Delivery.SENDING:
                raise ReplyInFlight(retry_after=1)
            before = conversation.attendance
            conversation.take_over()
            await self.conversations.save(conversation)
            await self.handoffs.settle(scope, conversation_id, by=by)
            await self.audit.add(scope, _event("conversation.takeover", conversation, before))
            return conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """The agent attends the conversation again and answers what the customer writes from now on."""

    conversations: Conversations
    handoffs: Handoffs
    projects: Projects
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, scope: TenantScope, conversation_id: UUID, *, by: str) -> Conversation:
        async with self.transaction(scope):
            (await self.projects.pinned(scope)).require_active()
            conversation = await self.conversations.lock(scope, conversation_id)
            before = conversation.attendance
            conversation.give_back()
            await self.conversations.save(conversation)
            await self.handoffs.settle(scope, conversation_id, by=by)
            await self.audit.add(scope, _event("conversation.give_back", conversation, before))
            return conversation


def _event(action: str, conversation: Conversation, before: Attendance) -> Event:
    return Event(
        action=action,
        resource_type="conversation",
        resource_id=str(conversation.id),
        old={"attendance": before},
        new={"attendance": conversation.attendance},
    )
