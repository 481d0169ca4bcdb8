"""What an organization used, counted in memory."""

from datetime import datetime
from uuid import UUID

from atende.core.conversation.model import Direction
from atende.core.conversation.usage import Period, Usage, UsageReports
from atende.core.credits.model import Kind
from atende.core.identity.model import Membership, MembershipStatus, UserStatus
from atende.core.kernel import Credits, TenantScope
from atende.core.knowledge.model import DocumentStatus
from atende.outbound.memory.conversation import CONVERSATIONS, MESSAGES
from atende.outbound.memory.credits import ENTRIES
from atende.outbound.memory.identity import MEMBERSHIPS, USERS
from atende.outbound.memory.knowledge import ANSWERS, DOCUMENTS
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows
from atende.outbound.memory.tenancy import PROJECTS

_SIGN = {Kind.CAPTURE: 1, Kind.REFUND: -1}


class MemoryUsageReports(UsageReports):
    def __init__(self, store: MemoryStore) -> None:
        self._conversations, self._messages = Rows(store, CONVERSATIONS), Rows(store, MESSAGES)
        self._answers, self._documents = Rows(store, ANSWERS), Rows(store, DOCUMENTS)
        self._entries, self._projects = Rows(store, ENTRIES), Rows(store, PROJECTS)
        self._memberships, self._users = Rows(store, MEMBERSHIPS), Rows(store, USERS)

    async def of(self, organization_id: UUID, period: Period) -> Usage:
        scope = TenantScope(organization_id)

        def within(at: datetime) -> bool:
            return period.since <= at < period.until

        opened = self._conversations.all(scope, lambda one: within(one.created_at))
        written = [
            one.message.direction for one in self._messages.all(scope, lambda one: within(one.message.created_at))
        ]
        asked = self._answers.all(scope, lambda one: one.turn_id is None and within(one.created_at))
        live = {one.tenant_id for one in self._projects.all(scope, lambda one: one.deleted_at is None)}
        stored = self._documents.all(
            scope, lambda one: one.status is not DocumentStatus.DELETED and one.owner.tenant_id in live
        )
        paid = self._entries.all(scope, lambda one: within(one.at))
        return Usage(
            conversations=len(opened),
            conversation_seconds=sum(one.duration_seconds or 0 for one in opened),
            messages_in=written.count(Direction.INBOUND),
            messages_out=written.count(Direction.OUTBOUND),
            rag_queries=len(asked),
            documents=len(stored),
            storage_bytes=sum(one.size for one in stored),
            credits_spent=Credits(sum(_SIGN.get(one.kind, 0) * one.amount for one in paid)),
            members=len(self._memberships.all(scope, self._may_act)),
            projects=len(live),
        )

    def _may_act(self, membership: Membership) -> bool:
        user = self._users.get(membership.user_id)
        live = user is not None and user.status in {UserStatus.ACTIVE, UserStatus.PENDING_VERIFICATION}
        return live and membership.status is MembershipStatus.ACTIVE
