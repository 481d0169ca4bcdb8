"""Jobs of knowledge: documents that are read, embedded and removed in the background."""

from atende.core.knowledge.build_index import BuildIndex, EndIndexAttempt, RemoveIndex
from atende.core.knowledge.change_document import PurgeDocument
from atende.core.knowledge.compare_indexes import CompareIndexes
from atende.core.knowledge.embed_document import EmbedDocument
from atende.core.knowledge.end_attempt import EndAttempt
from atende.core.knowledge.index_jobs import BUILD_INDEX, COMPARE_INDEXES, REMOVE_INDEX
from atende.core.knowledge.jobs import EMBED_DOCUMENT, PROCESS_DOCUMENT, PURGE_DOCUMENT
from atende.core.knowledge.process_document import ProcessDocument
from atende.core.knowledge.reindex_documents import REINDEX_DOCUMENTS, ReindexDocuments
from atende.inbound.jobs.handler import Call, GiveUp, Handler


def handlers(call: Call, bury: GiveUp) -> list[Handler]:
    give_up, put_back = call(EndAttempt, EndAttempt.give_up), call(EndAttempt, EndAttempt.put_back)
    end_index, index_back = (
        call(EndIndexAttempt, EndIndexAttempt.give_up),
        call(EndIndexAttempt, EndIndexAttempt.put_back),
    )
    return [
        Handler(PROCESS_DOCUMENT, call(ProcessDocument), give_up, put_back),
        Handler(EMBED_DOCUMENT, call(EmbedDocument), give_up, put_back),
        Handler(PURGE_DOCUMENT, call(PurgeDocument), bury),
        Handler(REINDEX_DOCUMENTS, call(ReindexDocuments, ReindexDocuments.step), bury),
        Handler(BUILD_INDEX, call(BuildIndex), end_index, index_back),
        Handler(COMPARE_INDEXES, call(CompareIndexes), end_index, index_back),
        Handler(REMOVE_INDEX, call(RemoveIndex), bury),
    ]
