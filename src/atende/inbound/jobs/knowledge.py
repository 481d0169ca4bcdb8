"""Jobs of knowledge: documents that are read in the background."""

from atende.core.knowledge.process_document import PROCESS_DOCUMENT, ProcessDocument
from atende.inbound.jobs.handler import Call, GiveUp, Handler


def handlers(call: Call, _: GiveUp) -> list[Handler]:
    give_up, put_back = call(ProcessDocument, ProcessDocument.give_up), call(ProcessDocument, ProcessDocument.put_back)
    return [Handler(PROCESS_DOCUMENT, call(ProcessDocument), give_up, put_back)]
