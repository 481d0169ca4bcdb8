"""The output of the demo: a transcript for people, or JSON lines for machines."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Protocol

_CHANNELS = {"whatsapp": "WhatsApp", "sms": "SMS", "twilio_whatsapp": "WhatsApp"}


class Transcript(Protocol):
    def begin(self, *, burst: float) -> None: ...

    def progress(self, text: str) -> None: ...

    def documents(self, found: list[dict[str, Any]]) -> None: ...

    def customer(self, name: str, channel: str, number: str) -> None: ...

    def said(self, name: str, text: str, *, by_customer: bool) -> None: ...

    def proof(self, proof: dict[str, Any], *, seconds: float, balance: Any) -> None: ...

    def note(self, text: str) -> None: ...

    def ended(self, conversation: dict[str, Any]) -> None: ...

    def end(self) -> None: ...


def transcript_of(*, as_json: bool) -> Transcript:
    return JsonTranscript() if as_json else TextTranscript()


class JsonTranscript(Transcript):
    """One JSON object per line, each with `event` and `at` (seconds since the start)."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def begin(self, *, burst: float) -> None:
        self._tell("begin", burstWindow=burst)

    def progress(self, text: str) -> None:
        self._tell("progress", text=text)

    def documents(self, found: list[dict[str, Any]]) -> None:
        self._tell("documents", documents=found)

    def customer(self, name: str, channel: str, number: str) -> None:
        self._tell("customer", name=name, channel=channel, number=number)

    def said(self, name: str, text: str, *, by_customer: bool) -> None:
        self._tell("message", by="customer" if by_customer else "agent", name=name, text=text)

    def proof(self, proof: dict[str, Any], *, seconds: float, balance: Any) -> None:
        self._tell("proof", proof=proof, seconds=round(seconds, 2), balance=balance)

    def note(self, text: str) -> None:
        self._tell("note", text=text)

    def ended(self, conversation: dict[str, Any]) -> None:
        self._tell("conversation", conversation=conversation)

    def end(self) -> None:
        self._tell("end", memoryMb=memory_mb())

    def _tell(self, event: str, **what: Any) -> None:
        print(
            json.dumps({"event": event, "at": round(time.monotonic() - self._began, 2), **what}, ensure_ascii=False),
            flush=True,
        )


class TextTranscript(Transcript):
    """For people; colours when it goes to a terminal."""

    def __init__(self) -> None:
        self.began, self._step = time.monotonic(), time.monotonic()
        self._colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._first_answer: float | None = None

    def begin(self, *, burst: float) -> None:
        self._print(self._bold("atende demo") + "  everything in a temporary folder, no keys, no network")
        self._print(self._dim(f"  a burst of messages is awaited for {burst:g} s here (BURST_WINDOW, else 3 s)"))

    def progress(self, text: str) -> None:
        self._print(self._dim(f"  {time.monotonic() - self.began:4.1f} s  {text} ..."))

    def documents(self, found: list[dict[str, Any]]) -> None:
        for document in sorted(found, key=lambda one: one["filename"]):
            told = (
                f"{document['chunkCount']} chunks"
                if document["status"] == "processed"
                else f"failed: {document['processingError']}"
            )
            self._print(self._dim(f"          {document['filename']}: {told}"))

    def customer(self, name: str, channel: str, number: str) -> None:
        self._print("")
        self._print(self._bold(f"  {name}, {_CHANNELS.get(channel, channel)} {number}"))

    def said(self, name: str, text: str, *, by_customer: bool) -> None:
        now = time.monotonic() - self.began
        if not by_customer and self._first_answer is None:
            self._first_answer = now
        head = f"  {now:4.1f} s  {name.split(maxsplit=1)[0]}: "
        lines = text.splitlines() or [""]
        self._print((head if by_customer else self._bold(head)) + lines[0])
        for line in lines[1:]:
            self._print(" " * len(head) + line)

    def proof(self, proof: dict[str, Any], *, seconds: float, balance: Any) -> None:
        for citation in proof["citations"]:
            page = f", p. {citation['page']}" if citation["page"] else ""
            self._print(
                self._dim(f"            checked  {citation['documentName']}{page}: “{_short(citation['quote'])}”")
            )
        if not proof["citations"]:
            self._print(self._dim(f"            {_WITHOUT_CITATION.get(proof['outcome'], proof['outcome'])}"))
        credit = proof["credits"]
        paid = (
            f"held {_number(credit['held'])}, captured {_number(credit['captured'])}"
            if credit["held"]
            else "no credits used"
        )
        self._print(self._dim(f"            {paid}; balance {_number(balance)} credits; {seconds:.1f} s"))

    def note(self, text: str) -> None:
        self._print(self._dim(f"            ({text})"))

    def ended(self, conversation: dict[str, Any]) -> None:
        if conversation["status"] == "closed":
            closure = conversation["closure"]
            factors = ", ".join(f"{one['name']} {one['weight']:+.2f}" for one in closure.get("factors", []))
            reason = f"closed: {conversation['closeReason']}, confidence {closure.get('confidence', 0):.2f} ({factors})"
        else:
            waiting = conversation["attendance"] == "waiting_human"
            reason = "open, on the human queue" if waiting else f"open, attended by {conversation['attendance']}"
        self._print(self._dim(f"  conversation {reason}"))

    def end(self) -> None:
        self._print("")
        first = f"first answer after {self._first_answer:.1f} s, " if self._first_answer else ""
        memory = memory_mb()
        used = f", {memory} MB of memory in all processes" if memory else ""
        self._print(f"  {first}{time.monotonic() - self.began:.1f} s in all{used}.")
        self._print(
            "  Next: atende chat (you are the customer), atende serve (keeps its data), README.md (the real thing)."
        )

    def _print(self, line: str) -> None:
        print(line, flush=True)

    def _bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self._colours else text

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self._colours else text


_WITHOUT_CITATION = {
    "courtesy": "a courtesy: nothing is claimed",
    "unknown": "not in the documents: nothing is claimed, a person is called",
}


def _short(quote: str, most: int = 110) -> str:
    text = " ".join(quote.split())
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def _number(amount: Any) -> str:
    return f"{float(amount):g}"


def memory_mb() -> int | None:
    """What this process and all below it really take; None where the system does not say."""
    total = 0
    try:
        for pid in _family(os.getpid()):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return None if total == 0 else total // 1024
    return total // 1024


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            found.extend(_family(int(child)))
    return found
