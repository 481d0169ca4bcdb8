"""The jobs of a change of the embedding: an index is built, compared with the one that is searched, and removed."""

from datetime import timedelta
from uuid import UUID

from atende.core.knowledge.search_index import SearchIndex
from atende.core.work.model import JobKind, NewJob

BUILD_INDEX = JobKind("index.build", retries=(5, 30, 300, 3_600))
COMPARE_INDEXES = JobKind("index.compare", retries=(5, 30, 300, 3_600))
REMOVE_INDEX = JobKind("index.remove", retries=(5, 30, 300, 3_600))
BEFORE_ALL = UUID(int=0)
NOW = timedelta(0)
REMOVE, EXPIRE = "remove", "expire"


def build_job(index: SearchIndex, *, behind: UUID = BEFORE_ALL, delay: timedelta = NOW) -> NewJob:
    return _job(BUILD_INDEX, index, {"behind": str(behind)}, delay)


def compare_job(index: SearchIndex) -> NewJob:
    return _job(COMPARE_INDEXES, index, {}, NOW)


def remove_job(index: SearchIndex) -> NewJob:
    return NewJob(
        kind=REMOVE_INDEX,
        payload={"step": REMOVE},
        order_key=f"index:{index.owner.project_id}",
    )


def expire_job(*, delay: timedelta) -> NewJob:
    """Looks whether the index that is kept is to go. Not in line with the other jobs: they would wait behind it for days."""
    return NewJob(kind=REMOVE_INDEX, payload={"step": EXPIRE}, delay=delay)


def _job(kind: JobKind, index: SearchIndex, payload: dict[str, str], delay: timedelta) -> NewJob:
    project_id = index.owner.project_id
    return NewJob(
        kind=kind,
        payload=payload,
        order_key=f"index:{project_id}",
        dedupe_key=f"{kind.name}:{project_id}",
        delay=delay,
    )
