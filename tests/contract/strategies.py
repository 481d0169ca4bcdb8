"""Parts of entities, and whole ones whose parts depend on each other, as anything they may be."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from atende.core.conversation import model as conversation
from atende.core.conversation.turns import SilenceReason, Turn, TurnState
from atende.core.credits import model as credits_
from atende.core.kernel import Credits, Owner
from atende.core.knowledge import model as knowledge
from atende.core.tenancy import model as tenancy

INT = st.integers(0, 2**31 - 1)
BIG = st.integers(1, 2**62)
UUIDS = st.uuids()
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
PLAIN = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"])
TENANTS = st.from_regex(r"[a-z0-9][a-z0-9-]{1,62}", fullmatch=True)
SLUGS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,98}[a-z0-9]", fullmatch=True)
OWNERS = st.builds(Owner, UUIDS, UUIDS, TENANTS)
JSON = st.dictionaries(
    st.text(CHARACTERS, max_size=10),
    st.none() | st.booleans() | INT | st.text(CHARACTERS, max_size=20) | st.lists(st.floats(0, 1), max_size=3),
    max_size=4,
)


def text(most: int = 200, least: int = 0) -> st.SearchStrategy[str]:
    return st.text(CHARACTERS, min_size=least, max_size=min(most, 60))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def named(least: int = 1) -> st.SearchStrategy[str]:
    """What somebody may be called, or call something; with `least` 0 also nothing."""
    return st.text(PLAIN, min_size=least, max_size=60).map(str.strip).filter(lambda name: len(name) >= least)


def references() -> st.SearchStrategy[str]:
    return st.text(CHARACTERS, min_size=1, max_size=60).filter(str.isprintable)


@st.composite
def holds(draw: st.DrawFn) -> credits_.Hold:
    amount, created = draw(BIG), draw(TIMES)
    state = draw(st.sampled_from(credits_.HoldState))
    captured = draw(st.integers(1, amount)) if state is credits_.HoldState.CAPTURED else 0
    return credits_.Hold(
        id=draw(UUIDS),
        organization_id=draw(UUIDS),
        tenant_id=draw(maybe(TENANTS)),
        amount=Credits(amount),
        reference=draw(references()),
        created_at=created,
        expires_at=created + timedelta(seconds=draw(st.integers(1, 10**6))),
        state=state,
        captured=Credits(captured),
        refunded=Credits(draw(st.integers(0, captured))),
        closed_at=None if state is credits_.HoldState.HELD else draw(TIMES),
    )


@st.composite
def entries(draw: st.DrawFn) -> credits_.Entry:
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
        reference=draw(references()),
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
def citations(draw: st.DrawFn) -> knowledge.Citation:
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


SENTENCES = st.lists(
    st.builds(knowledge.Sentence, text(), st.lists(citations(), min_size=1, max_size=2).map(tuple)),
    min_size=1,
    max_size=2,
).map(tuple)


PASSAGES = st.lists(
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
def conversations(draw: st.DrawFn) -> conversation.Conversation:
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


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    state = draw(st.sampled_from(TurnState))
    return Turn(
        id=draw(UUIDS),
        conversation_id=draw(UUIDS),
        from_seq=draw(st.integers(1, 1_000)),
        to_seq=draw(st.integers(1_000, 10**6)),
        created_at=draw(TIMES),
        state=state,
        hold_id=draw(maybe(UUIDS)),
        discards=draw(INT),
        finished_at=None if state is TurnState.OPEN else draw(TIMES),
        silence=draw(st.sampled_from(SilenceReason)) if state is TurnState.SILENT else None,
        error=draw(maybe(text(500))),
    )


@st.composite
def projects(draw: st.DrawFn) -> tenancy.Project:
    status = draw(st.sampled_from(tenancy.ProjectStatus))
    return tenancy.Project(
        id=draw(UUIDS),
        organization_id=draw(UUIDS),
        tenant_id=draw(TENANTS),
        billing_account_id=draw(UUIDS),
        name=draw(named()),
        created_at=draw(TIMES),
        updated_at=draw(maybe(TIMES)),
        created_by_user_id=draw(maybe(UUIDS)),
        description=draw(text()),
        configuration=draw(JSON),
        language=draw(st.sampled_from(tenancy.LANGUAGES)),
        status=status,
        session_timeout_seconds=draw(st.integers(60, 604_800)),
        is_default=draw(st.booleans()),
        deleted_at=draw(TIMES) if status is tenancy.ProjectStatus.DELETED else None,
    )
