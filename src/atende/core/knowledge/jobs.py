"""The jobs of a document: its file is read, what was read is embedded; when it is deleted, its rows and files go."""

from atende.core.knowledge.document import Document
from atende.core.work.model import JobKind, NewJob

PROCESS_DOCUMENT = JobKind("document.process", retries=(1, 5, 30))
EMBED_DOCUMENT = JobKind("document.embed", retries=(1, 5, 30))
PURGE_DOCUMENT = JobKind("document.purge", retries=(5, 30, 300, 3_600))


def process_job(document: Document) -> NewJob:
    """One waits at a time: it reads the version that is the newest when it runs."""
    return NewJob(
        kind=PROCESS_DOCUMENT,
        payload={"document_id": str(document.id)},
        order_key=f"document:{document.id}",
        dedupe_key=f"document:{document.id}",
    )


def embed_job(document: Document) -> NewJob:
    return NewJob(
        kind=EMBED_DOCUMENT,
        payload={"document_id": str(document.id), "edition": str(document.edition)},
        order_key=f"document:{document.id}",
    )


def purge_job(document: Document) -> NewJob:
    return NewJob(kind=PURGE_DOCUMENT, payload={"document_id": str(document.id)}, order_key=f"document:{document.id}")
