"""The one order in which a turn's rows are locked."""

from uuid import UUID

from atende.core.conversation.model import Conversation, Message
from atende.core.conversation.ports import Conversations, Messages
from atende.core.kernel import TenantScope


async def lock_both(
    messages: Messages, conversations: Conversations, scope: TenantScope, message_id: UUID
) -> tuple[Message, Conversation]:
    """The conversation first, then the message: whoever locks both takes them in this order. Raises NotFound."""
    found = await messages.get(scope, message_id)
    conversation = await conversations.lock(scope, found.conversation_id)
    return await messages.lock(scope, message_id), conversation
