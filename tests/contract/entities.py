"""Any entity that may be stored, and the row that it is stored as."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import strategies as st

from atende.core.conversation import model as conversation
from atende.core.credits import model as credits_
from atende.core.identity.model import ApiKey
from atende.core.kernel import Credits, Owner, Scope
from atende.core.knowledge import model as knowledge
from atende.core.tenancy import model as tenancy
from atende.outbound.postgres import conversation as conversation_rows
from atende.outbound.postgres import credits as credit_rows
from atende.outbound.postgres import identity as identity_rows
from atende.outbound.postgres import knowledge as knowledge_rows
from atende.outbound.postgres import tenancy as tenancy_rows
from atende.outbound.postgres.base import Row, to_values

INT = st.integers(0, 2**31 - 1)
BIG = st.integers(1, 2**62)
UUIDS = st.uuids()
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TENANTS = st.from_regex(r"[a-z0-9][a-z0-9-]{1,62}", fullmatch=True)
OWNERS = st.builds(Owner, UUIDS, UUIDS, TENANTS)
JSON = st.dictionaries(
    st.text(CHARACTERS, max_size=10),
    st.none() | st.booleans() | INT | st.text(CHARACTERS, max_size=20) | st.lists(st.floats(0, 1), max_size=3),
    max_size=4,
)
SCOPE = Scope(UUID(int=7), "shop")


def text(most: int = 200, least: int = 0) -> st.SearchStrategy[str]:
    return st.text(CHARACTERS, min_size=least, max_size=min(most, 60))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _named(least: int = 1) -> st.SearchStrategy[str]:
    return text(least=least).filter(str.strip)


def _references() -> st.SearchStrategy[str]:
    return st.text(CHARACTERS, min_size=1, max_size=60).filter(str.isprintable)


@st.composite
def _holds(draw: st.DrawFn) -> credits_.Hold:
    amount, created = draw(BIG), draw(TIMES)
    state = draw(st.sampled_from(credits_.HoldState))
    captured = draw(st.integers(1, amount)) if state is credits_.HoldState.CAPTURED else 0
    return credits_.Hold(
        id=draw(UUIDS),
        organization_id=draw(UUIDS),
        tenant_id=draw(maybe(TENANTS)),
        amount=Credits(amount),
        reference=draw(_references()),
        created_at=created,
        expires_at=created + timedelta(seconds=draw(st.integers(1, 10**6))),
        state=state,
        captured=Credits(captured),
        refunded=Credits(draw(st.integers(0, captured))),
        closed_at=None if state is credits_.HoldState.HELD else draw(TIMES),
    )


@st.composite
def _entries(draw: st.DrawFn) -> credits_.Entry:
    account, kinds = credits_.Account, credits_.Kind
    kind, debit, credit = draw(
        st.sampled_from(
            [
                (kinds.GRANT, account.ISSUED, account.AVAILABLE),
                (kinds.HOLD, account.AVAILABLE, account.HELD),
                (kinds.CAPTURE, account.HELD, account.SPENT),
                (kinds.RELEASE, account.HELD, account.AVAILABLE),
                (kinds.REFUND, account.SPENT, account.AVAILABLE),
            ]
        )
    )
    return credits_.Entry(
        id=draw(UUIDS),
        organization_id=draw(UUIDS),
        kind=kind,
        reference=draw(_references()),
        debit=debit,
        credit=credit,
        amount=Credits(draw(BIG)),
        available_after=Credits(draw(BIG)),
        held_after=Credits(draw(BIG)),
        at=draw(TIMES),
        tenant_id=draw(maybe(TENANTS)),
        hold_id=None if kind is kinds.GRANT else draw(UUIDS),
        note=draw(text(500)),
    )


@st.composite
def _citations(draw: st.DrawFn) -> knowledge.Citation:
    start, quote = draw(INT) // 2, draw(text(least=1))
    return knowledge.Citation(
        chunk_id=draw(UUIDS),
        document_id=draw(UUIDS),
        document_name=draw(text(500)),
        version=draw(INT),
        start=start,
        end=start + len(quote),
        quote=quote,
        page=draw(maybe(INT)),
        score=draw(st.floats(0, 1)),
    )


_SENTENCES = st.lists(
    st.builds(knowledge.Sentence, text(), st.lists(_citations(), min_size=1, max_size=2).map(tuple)),
    min_size=1,
    max_size=2,
).map(tuple)
_PASSAGES = st.lists(
    st.builds(
        knowledge.Passage,
        document_name=text(),
        version=INT,
        index=INT,
        content=text(),
        score=st.floats(0, 1),
        page=maybe(INT),
    ),
    max_size=2,
).map(tuple)


@st.composite
def _conversations(draw: st.DrawFn) -> conversation.Conversation:
    last_seq, status = draw(INT), draw(st.sampled_from(conversation.Status))
    ended = status in {conversation.Status.CLOSED, conversation.Status.ARCHIVED}
    return conversation.Conversation(
        id=draw(UUIDS),
        owner=draw(OWNERS),
        channel_account_id=draw(UUIDS),
        contact_id=draw(UUIDS),
        contact_address=draw(text(255)),
        created_at=draw(TIMES),
        status=status,
        attendance=draw(st.sampled_from(conversation.Attendance)),
        contact_name=draw(maybe(text(255))),
        agent_id=draw(maybe(UUIDS)),
        language=draw(maybe(st.sampled_from(tenancy.LANGUAGES))),
        last_seq=last_seq,
        answered_seq=draw(st.integers(0, last_seq)),
        started_at=draw(maybe(TIMES)),
        last_message_at=draw(maybe(TIMES)),
        last_customer_at=draw(maybe(TIMES)),
        closed_at=draw(TIMES) if ended else None,
        close_reason=draw(maybe(st.sampled_from(conversation.CloseReason))),
        closure=draw(JSON),
        opted_out=draw(st.booleans()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """How one kind of entity is stored. `made` are columns that the database or the adapter fills in."""

    entity: type[Any]
    row: type[Row]
    strategy: st.SearchStrategy[Any]
    scope: Scope | None = None
    made: dict[str, Any] = field(default_factory=dict)
    converted: Callable[[Any], dict[str, Any]] = lambda _: {}

    def values(self, entity: Any) -> dict[str, Any]:
        """The columns as the adapter gives them to the database."""
        return to_values(entity, self.scope, **self.converted(entity))


def _answer_columns(answer: knowledge.Answer) -> dict[str, Any]:
    return {"sentences": msgspec.to_builtins(answer.sentences), "passages": msgspec.to_builtins(answer.passages)}


def as_read(value: Any) -> Any:
    """A column as it comes back: the words of an enumeration are plain text."""
    return str(value) if isinstance(value, StrEnum) else value


STORED = (
    Stored(
        entity=tenancy.Organization,
        row=tenancy_rows.OrganizationRow,
        strategy=st.builds(tenancy.Organization, name=_named(), slug=text(100), created_at=TIMES),
        made={"deleted_at": None},
    ),
    Stored(
        entity=tenancy.BillingAccount,
        row=tenancy_rows.BillingAccountRow,
        strategy=st.builds(
            tenancy.BillingAccount, name=text(), created_at=TIMES, stripe_customer_id=maybe(text()), payment_status=...
        ),
    ),
    Stored(
        entity=tenancy.Project,
        row=tenancy_rows.ProjectRow,
        strategy=st.builds(
            tenancy.Project,
            tenant_id=TENANTS,
            name=_named(),
            created_at=TIMES,
            language=st.sampled_from(tenancy.LANGUAGES),
            status=...,
            session_timeout_seconds=st.integers(60, 604_800),
            is_default=...,
        ),
    ),
    Stored(
        entity=ApiKey,
        row=identity_rows.ApiKeyRow,
        strategy=st.builds(
            ApiKey,
            name=text(),
            prefix=text(50),
            secret_hash=st.binary(min_size=32, max_size=32),
            scopes=st.lists(text(), max_size=3),
            created_at=TIMES,
            project_id=maybe(UUIDS),
            expires_at=maybe(TIMES),
            revoked_at=maybe(TIMES),
        ),
    ),
    Stored(
        entity=knowledge.Agent,
        row=knowledge_rows.AgentRow,
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
        entity=knowledge.Document,
        row=knowledge_rows.DocumentRow,
        strategy=st.builds(
            knowledge.Document,
            owner=OWNERS,
            filename=text(500, 1),
            file_type=st.sampled_from(list(knowledge.FILE_TYPES)),
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
            agent_id=maybe(UUIDS),
            processed_at=maybe(TIMES),
        ),
    ),
    Stored(
        entity=knowledge.Chunk,
        row=knowledge_rows.ChunkRow,
        scope=SCOPE,
        strategy=st.builds(knowledge.Chunk, version=INT, index=INT, content=text(), tokens=INT, page=maybe(INT)),
    ),
    Stored(
        entity=knowledge.Answer,
        row=knowledge_rows.AnswerRow,
        converted=_answer_columns,
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
            sentences=_SENTENCES,
            passages=_PASSAGES,
            turn_id=maybe(UUIDS),
            processing_ms=INT,
        ),
    ),
    Stored(
        entity=knowledge.ModelCall,
        row=knowledge_rows.ModelCallRow,
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
    Stored(entity=conversation.Conversation, row=conversation_rows.ConversationRow, strategy=_conversations()),
    Stored(
        entity=conversation.Message,
        row=conversation_rows.MessageRow,
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
    Stored(
        entity=conversation.Turn,
        row=conversation_rows.TurnRow,
        scope=SCOPE,
        strategy=st.builds(
            conversation.Turn,
            from_seq=st.integers(1, 1_000),
            to_seq=st.integers(1_000, 10**6),
            created_at=TIMES,
            state=...,
            hold_id=maybe(UUIDS),
            discards=INT,
            finished_at=maybe(TIMES),
            error=maybe(text(500)),
        ),
    ),
    Stored(
        entity=conversation.Handoff,
        row=conversation_rows.HandoffRow,
        scope=SCOPE,
        made={"settled_at": None, "settled_by": None},
        strategy=st.builds(conversation.Handoff, reason=..., created_at=TIMES, message_id=maybe(UUIDS), note=text(500)),
    ),
    Stored(entity=credits_.Hold, row=credit_rows.CreditHoldRow, strategy=_holds()),
    Stored(entity=credits_.Entry, row=credit_rows.CreditEntryRow, strategy=_entries(), made={"seq": 1}),
)
