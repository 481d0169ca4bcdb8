"""What reading a PDF is measured against, each as its own guide shows it. Runs in an environment of its own.

    python reference_documents.py llamaindex|langchain|haystack FILE.pdf

Says one line of JSON: seconds, processor time, memory, pages and chunks. 500 tokens are about 375 words or 2,000
characters; each splitter is told so in the unit that it counts in.
"""

# mypy: ignore-errors
import json
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path


def llamaindex() -> Callable[[str], tuple[int, int]]:
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.readers.file import PDFReader

    def run(file: str) -> tuple[int, int]:
        pages = PDFReader().load_data(file)
        return len(pages), len(SentenceSplitter(chunk_size=500, chunk_overlap=50).get_nodes_from_documents(pages))

    return run


def langchain() -> Callable[[str], tuple[int, int]]:
    from langchain_community.document_loaders import PyPDFLoader
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    def run(file: str) -> tuple[int, int]:
        pages = PyPDFLoader(file).load()
        splitter = RecursiveCharacterTextSplitter(chunk_size=2_000, chunk_overlap=200)
        return len(pages), len(splitter.split_documents(pages))

    return run


def haystack() -> Callable[[str], tuple[int, int]]:
    from haystack.components.converters import PyPDFToDocument
    from haystack.components.preprocessors import DocumentSplitter

    def run(file: str) -> tuple[int, int]:
        documents = PyPDFToDocument().run(sources=[file])["documents"]
        pages = documents[0].content.count("\f") + 1
        splitter = DocumentSplitter(
            split_by="word", split_length=375, split_overlap=38, respect_sentence_boundary=False
        )
        if hasattr(splitter, "warm_up"):
            splitter.warm_up()
        return pages, len(splitter.run(documents=documents)["documents"])

    return run


def main(name: str, file: str) -> None:
    run = {"llamaindex": llamaindex, "langchain": langchain, "haystack": haystack}[name]()
    at_rest = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    pages, chunks = run(file)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "seconds": seconds,
        "cpu": after.ru_utime + after.ru_stime - at_rest.ru_utime - at_rest.ru_stime,
        "megabytes": int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024,
        "pages": pages,
        "chunks": chunks,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:3])
