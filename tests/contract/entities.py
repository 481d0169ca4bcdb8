"""Any entity that may be stored, and the row that it is stored as."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import strategies as st

from atende.core.conversation import model as conversation
from atende.core.conversation.turns import Turn
from atende.core.credits import model as credits_
from atende.core.identity import model as identity
from atende.core.identity.api_key import ApiKey
from atende.core.identity.keys.provider_keys import ProviderKey
from atende.core.kernel import TenantScope
from atende.core.knowledge import document as documents
from atende.core.knowledge import model as knowledge
from atende.core.knowledge import search_index
from atende.core.knowledge.filetypes import FILE_TYPES
from atende.core.tenancy import model as tenancy
from atende.core.tenancy.plans import Plan
from atende.outbound.postgres import credits as credit_rows
from atende.outbound.postgres.base import Row, to_values
from atende.outbound.postgres.conversation import conversations as conversation_rows
from atende.outbound.postgres.identity import api_keys as key_rows
from atende.outbound.postgres.identity import users as identity_rows
from atende.outbound.postgres.identity.invitations import InvitationRow
from atende.outbound.postgres.identity.login_sessions import SessionRow
from atende.outbound.postgres.identity.provider_keys import ProviderKeyRow
from atende.outbound.postgres.knowledge.agents import AgentRow
from atende.outbound.postgres.knowledge.documents import ChunkRow, DocumentRow
from atende.outbound.postgres.tenancy import projects as tenancy_rows
from atende.outbound.postgres.tenancy.plans import PlanRow
from tests.contract.strategies import (
    BIG,
    INT,
    JSON,
    OWNERS,
    PASSAGES,
    SENTENCES,
    SLUGS,
    TIMES,
    UUIDS,
    conversations,
    entries,
    holds,
    maybe,
    named,
    projects,
    text,
    turns,
)

SCOPE = TenantScope(UUID(int=7), "shop")
EMAILS = st.from_regex(r"[a-z0-9.]{1,60}@[a-z0-9]{1,60}\.example", fullmatch=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How one kind of entity is kept. `made` are columns that the database or the adapter fills in."""

    entity: type[Any]
    strategy: st.SearchStrategy[Any]
    scope: TenantScope | None = None
    made: dict[str, Any] = field(default_factory=dict)
    converted: Callable[[Any], dict[str, Any]] = lambda _: {}

    def values(self, entity: Any) -> dict[str, Any]:
        """The columns as the adapter gives them to the database."""
        return to_values(entity, self.scope, **self.converted(entity))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Kept):
    """By SQLAlchemy, as a row."""

    row: type[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand(Kept):
    """By hand-written statements, as JSON."""

    table: str


def as_read(value: Any) -> Any:
    """A column as it comes back: the words of an enumeration are plain text."""
    return str(value) if isinstance(value, StrEnum) else value


STORED = (
    Stored(
        entity=tenancy.Organization,
        row=tenancy_rows.OrganizationRow,
        converted=lambda organization: {"settings": msgspec.to_builtins(organization.settings)},
        strategy=st.builds(
            tenancy.Organization,
            name=named(),
            slug=SLUGS,
            created_at=TIMES,
            updated_at=maybe(TIMES),
            logo_url=maybe(text(500)),
            settings=st.builds(tenancy.MemberSettings, default_member_role=text(20)),
            custom_limits=JSON,
            deleted_at=maybe(TIMES),
        ),
    ),
    Stored(
        entity=tenancy.BillingAccount,
        row=tenancy_rows.BillingAccountRow,
        strategy=st.builds(
            tenancy.BillingAccount,
            name=text(),
            created_at=TIMES,
            stripe_customer_id=maybe(text()),
            payment_status=...,
            user_id=maybe(UUIDS),
            billing_email=maybe(text()),
            suspended_at=maybe(TIMES),
            suspension_reason=maybe(text()),
        ),
    ),
    Stored(
        entity=tenancy.Project,
        row=tenancy_rows.ProjectRow,
        strategy=projects(),
        made={"purged_at": None},
    ),
    Stored(
        entity=tenancy.Feature,
        row=tenancy_rows.FeatureRow,
        strategy=st.builds(
            tenancy.Feature,
            owner=OWNERS,
            key=st.from_regex(r"[a-z][a-z0-9_.-]{0,99}", fullmatch=True),
            enabled=...,
            config=JSON,
            updated_at=TIMES,
        ),
    ),
    Stored(
        entity=Plan,
        row=PlanRow,
        made={"position": 1},
        strategy=st.builds(
            Plan,
            slug=text(100, 1),
            name=text(100),
            price_monthly=INT,
            price_yearly=INT,
            currency=text(10),
            credits_per_month=INT,
            limits=JSON,
            features=st.dictionaries(text(20), st.booleans(), max_size=3),
            active=...,
        ),
    ),
    Stored(
        entity=ApiKey,
        row=key_rows.ApiKeyRow,
        strategy=st.builds(
            ApiKey,
            name=text(),
            prefix=text(50),
            secret_hash=st.binary(min_size=32, max_size=32),
            scopes=st.lists(text(), max_size=3),
            created_at=TIMES,
            project_id=maybe(UUIDS),
            created_by=maybe(UUIDS),
            hint=text(20),
            rate_limit_per_minute=maybe(st.integers(1, 2**31 - 1)),
            rate_limit_per_day=maybe(st.integers(1, 2**31 - 1)),
            last_used_at=maybe(TIMES),
            expires_at=maybe(TIMES),
            revoked_at=maybe(TIMES),
        ),
    ),
    Stored(
        entity=identity.User,
        row=identity_rows.UserRow,
        strategy=st.builds(
            identity.User,
            email=EMAILS,
            created_at=TIMES,
            updated_at=TIMES,
            password_hash=maybe(text()),
            first_name=named(0),
            last_name=named(0),
            avatar_url=maybe(text(500)),
            phone=maybe(text(50)),
            platform_role=...,
            status=...,
            email_verified_at=maybe(TIMES),
            last_login_at=maybe(TIMES),
            preferences=JSON,
            external_auth_id=maybe(text()),
            session_version=INT,
            deleted_at=maybe(TIMES),
        ),
    ),
    Stored(
        entity=identity.Membership,
        row=identity_rows.MembershipRow,
        strategy=st.builds(identity.Membership, role=..., status=..., created_at=TIMES, updated_at=TIMES),
    ),
    Stored(
        entity=identity.Invitation,
        row=InvitationRow,
        strategy=st.builds(
            identity.Invitation,
            email=EMAILS,
            role=...,
            invited_by=maybe(UUIDS),
            created_at=TIMES,
            expires_at=TIMES,
            first_name=named(0),
            last_name=named(0),
            sent=INT,
            status=...,
            accepted_at=maybe(TIMES),
            accepted_by=maybe(UUIDS),
        ),
    ),
    Stored(
        entity=identity.Session,
        row=SessionRow,
        strategy=st.builds(
            identity.Session,
            created_at=TIMES,
            rotated_at=TIMES,
            expires_at=TIMES,
            idle_until=TIMES,
            project_id=maybe(UUIDS),
            generation=INT,
            revoked_at=maybe(TIMES),
            revoked_for=text(50),
            user_agent=text(500),
            ip_address=text(64),
        ),
    ),
    Stored(
        entity=ProviderKey,
        row=ProviderKeyRow,
        made={"encrypted_key": "v1:00:00:00", "key_version": 1},
        strategy=st.builds(
            ProviderKey,
            provider=...,
            key_hint=text(20),
            created_at=TIMES,
            updated_at=TIMES,
            is_active=...,
            is_valid=...,
            last_validated_at=maybe(TIMES),
            validation_error=maybe(text()),
            last_used_at=maybe(TIMES),
            total_requests=BIG,
        ),
    ),
    Stored(
        entity=knowledge.Agent,
        row=AgentRow,
        strategy=st.builds(
            knowledge.Agent,
            owner=OWNERS,
            name=text(),
            created_at=TIMES,
            system_prompt=maybe(text()),
            model=maybe(text(100)),
            temperature=st.floats(0, 2),
            max_tokens=st.integers(1, 4_000),
            is_default=...,
            is_active=...,
        ),
    ),
    Stored(
        entity=documents.Document,
        row=DocumentRow,
        strategy=st.builds(
            documents.Document,
            owner=OWNERS,
            filename=text(500, 1),
            file_type=st.sampled_from(list(FILE_TYPES)),
            size=BIG,
            sha256=text(64),
            blob_key=text(),
            created_at=TIMES,
            status=...,
            version=INT,
            chunk_count=INT,
            language=st.sampled_from(tenancy.LANGUAGES),
            error=maybe(text(500)),
            details=JSON,
            notes=st.lists(text(), max_size=3).map(tuple),
            mime_type=text(100, 1),
            agent_id=maybe(UUIDS),
            processed_at=maybe(TIMES),
            hold_id=maybe(UUIDS),
        ),
    ),
    Stored(
        entity=documents.Chunk,
        row=ChunkRow,
        scope=SCOPE,
        strategy=st.builds(
            documents.Chunk,
            version=INT,
            index=INT,
            content=text(),
            tokens=INT,
            page=maybe(INT),
            start_at=INT,
            end_at=INT,
            carried=INT,
        ),
    ),
    Stored(entity=conversation.Conversation, row=conversation_rows.ConversationRow, strategy=conversations()),
    Stored(entity=credits_.Entry, row=credit_rows.CreditEntryRow, strategy=entries(), made={"seq": 1}),
)
BY_HAND = (
    ByHand(
        entity=search_index.SearchIndex,
        table="search_index",
        strategy=st.builds(
            search_index.SearchIndex,
            owner=OWNERS,
            model=text(),
            dimension=INT,
            changed_at=TIMES,
            beside=...,
            beside_model=maybe(text()),
            beside_dimension=maybe(INT),
            after=...,
            gate=st.floats(0, 1),
            keep_days=INT,
            trials=st.lists(st.builds(search_index.Trial, text(), text()), max_size=2).map(tuple),
            total=INT,
            done=INT,
            spent=BIG,
            comparison=JSON,
            error=maybe(text(500)),
            kept_until=maybe(TIMES),
            hold_id=maybe(UUIDS),
        ),
    ),
    ByHand(
        entity=knowledge.Answer,
        table="answer",
        strategy=st.builds(
            knowledge.Answer,
            owner=OWNERS,
            question=text(),
            text=text(),
            outcome=...,
            model=text(100),
            tokens=INT,
            cost=BIG,
            created_at=TIMES,
            sentences=SENTENCES,
            passages=PASSAGES,
            turn_id=maybe(UUIDS),
            processing_ms=INT,
        ),
    ),
    ByHand(
        entity=knowledge.ModelCall,
        table="model_call",
        strategy=st.builds(
            knowledge.ModelCall,
            owner=OWNERS,
            purpose=text(50),
            provider=text(100),
            model=text(100),
            started_at=TIMES,
            state=...,
            turn_id=maybe(UUIDS),
            answer_id=maybe(UUIDS),
            tokens_in=INT,
            tokens_out=INT,
            cost=BIG,
            error=maybe(text(500)),
            finished_at=maybe(TIMES),
        ),
    ),
    ByHand(
        entity=conversation.Message,
        table="message",
        scope=SCOPE,
        made={"channel_account_id": SCOPE.organization_id},
        strategy=st.builds(
            conversation.Message,
            seq=INT,
            direction=...,
            sender=...,
            text=text(),
            created_at=TIMES,
            delivery=...,
            kind=text(50),
            provider_message_id=maybe(text()),
            provider_at=maybe(TIMES),
            turn_id=maybe(UUIDS),
            answer_id=maybe(UUIDS),
            attempts=INT,
            sending_at=maybe(TIMES),
            sent_at=maybe(TIMES),
            error=maybe(text(500)),
        ),
    ),
    ByHand(
        entity=Turn,
        table="turn",
        scope=SCOPE,
        strategy=turns(),
    ),
    ByHand(
        entity=conversation.Handoff,
        table="handoff",
        scope=SCOPE,
        made={"settled_at": None, "settled_by": None},
        strategy=st.builds(conversation.Handoff, reason=..., created_at=TIMES, message_id=maybe(UUIDS), note=text(500)),
    ),
    ByHand(entity=credits_.Hold, table="credit_hold", strategy=holds()),
    ByHand(entity=conversation.Conversation, table="conversation", strategy=conversations()),
    ByHand(entity=credits_.Entry, table="credit_entry", strategy=entries(), made={"seq": 1}),
)
