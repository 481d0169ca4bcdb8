"""The change of an index: what may follow on what, and when a new one is good enough."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from atende.core.kernel import NotFound, Owner
from atende.core.knowledge.compare_indexes import Tried, figures
from atende.core.knowledge.indexes import space_of
from atende.core.knowledge.model import Passage
from atende.core.knowledge.search_index import After, Beside, IndexBusy, NotReady, SearchIndex, Space, Trial
from atende.outbound.embeddings import OfferedEmbeddings
from atende.outbound.hashed import HashedEmbedding
from atende.outbound.semantic import SemanticEmbedding

NOW = datetime(2026, 12, 1, tzinfo=UTC)
SMALL, BIG, THIRD = Space("small", 384), Space("big", 1536), Space("small", 768)


def make() -> SearchIndex:
    return SearchIndex(owner=Owner(UUID(int=1), UUID(int=2), "shop"), model="small", dimension=384, changed_at=NOW)


def test_an_index_is_built_switched_to_and_switched_back() -> None:
    index = make()
    index.build(BIG, NOW, after=After.ASK, keep_days=3)
    assert (index.live, index.other, index.beside) == (SMALL, BIG, Beside.BUILDING)
    index.complete(NOW, {"passed": False})
    index.switch(NOW)
    assert (index.live, index.other, index.beside) == (BIG, SMALL, Beside.KEPT)
    assert index.kept_until == NOW + timedelta(days=3)
    index.switch(NOW)
    assert (index.live, index.other, index.beside) == (SMALL, BIG, Beside.KEPT)


def test_there_is_one_index_beside_at_most() -> None:
    index = make()
    index.build(BIG, NOW, after=After.ASK)
    index.stopped("no credits")
    with pytest.raises(IndexBusy):
        index.build(THIRD, NOW, after=After.ASK)
    index.build(BIG, NOW, after=After.ASK)
    assert index.error is None, "it goes on"
    index.drop(NOW)
    with pytest.raises(IndexBusy):
        index.build(BIG, NOW, after=After.ASK)
    index.was_removed()
    index.build(THIRD, NOW, after=After.ASK)
    assert index.other == THIRD, "the same model with another size is another index"


def test_there_must_be_something_to_switch_to_or_to_drop() -> None:
    index = make()
    with pytest.raises(NotReady):
        index.switch(NOW)
    with pytest.raises(NotFound):
        index.drop(NOW)
    index.build(BIG, NOW, after=After.ASK)
    index.drop(NOW)
    with pytest.raises(NotReady):
        index.switch(NOW)


def test_what_is_kept_is_over_at_its_time_and_not_before() -> None:
    index = make()
    index.build(BIG, NOW, after=After.SWITCH, keep_days=2)
    assert not index.is_over(NOW + timedelta(days=9))
    index.switch(NOW)
    assert not index.is_over(NOW + timedelta(days=2, seconds=-1))
    assert index.is_over(NOW + timedelta(days=2))
    index.catch_up(NOW)
    assert not index.is_over(NOW + timedelta(days=9)), "it is on its way back"


def _passages(*texts: str) -> tuple[Passage, ...]:
    return tuple(
        Passage(
            chunk_id=uuid5(UUID(int=0), text),
            document_id=UUID(int=0),
            document_name="",
            version=1,
            index=0,
            content=text,
            score=1.0,
        )
        for text in texts
    )


def test_stored_questions_are_judged_by_agreement() -> None:
    same = Tried(Trial("same"), _passages("a", "b"), _passages("b", "a"))
    half = Tried(Trial("half"), _passages("a", "b"), _passages("a", "c"))
    found = figures([same, half], gate=0.75, own=False)
    assert (found["agreement"], found["same_first"], found["passed"]) == (0.75, 0.5, True)
    assert found["worst"] == ["half"]
    assert not figures([same, half], gate=0.76, own=False)["passed"]
    assert not figures([Tried(Trial("gone"), _passages("a"), ())], gate=0.1, own=False)["passed"]


def test_quotes_are_judged_by_what_is_found() -> None:
    both = Tried(Trial("q", "São três   dias"), _passages("são três dias"), _passages("x São\ntrês dias y"))
    lost = Tried(Trial("lost", "b"), _passages("b"), _passages("a"))
    won = Tried(Trial("won", "c"), _passages("b"), _passages("c"))
    found = figures([both, lost], gate=0.0, own=True)
    assert (found["found_before"], found["found_after"], found["passed"], found["worst"]) == (2, 1, False, ["lost"])
    assert figures([both, lost, won], gate=1.0, own=True)["passed"], "as many as before"


def test_without_questions_nothing_passes() -> None:
    assert not figures([], gate=0.0, own=False)["passed"]


def test_an_embedding_is_found_by_the_vectors_that_it_makes() -> None:
    default, other = HashedEmbedding(), SemanticEmbedding()
    offered = OfferedEmbeddings(default, other, HashedEmbedding())
    assert offered.default is default
    assert offered.find(space_of(default)) is default, "the first of several"
    assert offered.find(space_of(other)) is other
    assert offered.find(Space("hashed-384", 512)) is None
    assert len(offered.offered) == 2
