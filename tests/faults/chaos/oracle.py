"""The doubles' own log against the database: what customers wrote and phones got is the truth, our rows are the claim."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

_RANK = {"sent": 2, "failed": 3, "delivered": 4, "read": 5}
_DB_RANK = {"pending": 0, "sending": 1, "unknown": 1, **_RANK}
_STILL_OPEN = {408, 425}


@dataclass(slots=True)
class Attempt:
    """One request to send; `outcome` is the provider's answer, None when it never came to one."""

    seq: int
    outcome: int | str | None = None
    sent: str | None = None

    @property
    def certain(self) -> bool:
        """Whether we can know that the phone did not get it."""
        return isinstance(self.outcome, int) and 400 <= self.outcome < 500 and self.outcome not in _STILL_OPEN


@dataclass(slots=True)
class Seen:
    """What one provider saw."""

    wrote: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    attempts: dict[str, list[Attempt]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, str] = field(default_factory=dict)
    """Best status of a message, by the provider's id, among those that we acknowledged."""
    received: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """References in the order in which a phone got them, by customer and number."""

    @property
    def ambiguous(self) -> int:
        """Answers that leave it open whether the message went out."""
        return sum(not one.certain and one.outcome not in {200, 201} for some in self.attempts.values() for one in some)


def read(entries: Iterable[Mapping[str, Any]]) -> Seen:
    """From the log of one fake."""
    seen, asked = Seen(), dict[int, Attempt]()
    last: tuple[int, str] = (0, "")
    for entry in entries:
        kind, data, seq = entry["kind"], entry["data"], entry["seq"]
        if kind == "wrote":
            seen.wrote[data["id"]] = data
        elif kind == "request" and (reference := _reference(data)):
            asked[seq] = Attempt(seq)
            seen.attempts[reference].append(asked[seq])
            last = (seq, reference)
        elif kind == "sent":
            assert last[0] == seq - 1, "a phone gets a message right when we ask for it"
            asked[last[0]].sent = data["id"]
            seen.received[f"{data['customer']}/{data['number']}"].append(last[1])
        elif kind == "answer" and data["request"] in asked:
            asked[data["request"]].outcome = data["outcome"]
        elif kind == "callback" and data["failed"] is None:
            _acknowledged(seen, data)
    return seen


def _acknowledged(seen: Seen, data: Mapping[str, Any]) -> None:
    if not data.get("status"):
        seen.acknowledged.update(data.get("messages") or [data["id"]])
    elif _RANK.get(data["status"], 0) > _RANK.get(seen.statuses.get(data["id"], ""), 0):
        seen.statuses[data["id"]] = data["status"]


def _reference(request: Mapping[str, Any]) -> str | None:
    """Our id of the message that we ask to be sent; None for other requests."""
    body = request["body"]
    if request["method"] != "POST" or not isinstance(body, dict):
        return None
    if "StatusCallback" in body:
        return parse_qs(urlsplit(body["StatusCallback"]).query)["message"][0]
    found: str | None = body.get("biz_opaque_callback_data")
    return found


def disagreements(seen: Seen, messages: Mapping[str, Mapping[str, Any]], inbound: set[str]) -> list[str]:
    """`messages` are our outbound rows by id, with `delivery`, `seq` and `provider_message_id`; `inbound` the providers' ids."""
    wrong = [f"lost: {one} was acknowledged and is not there" for one in sorted(seen.acknowledged - inbound)]
    wrong += [f"invented: {one} was never written" for one in sorted(inbound - seen.wrote.keys())]
    for reference, attempts in seen.attempts.items():
        wrong += _about_sends(reference, attempts, messages.get(reference))
    for phone, references in seen.received.items():
        order = [messages[r]["seq"] for r in references if r in messages]
        conversations = [messages[r]["conversation_id"] for r in references if r in messages]
        for (before, of), (after, same) in zip(
            zip(order, conversations, strict=True), list(zip(order, conversations, strict=True))[1:], strict=False
        ):
            if of == same and after < before:
                wrong.append(f"out of order: {phone} got reply {after} after {before}")
    for reference, row in messages.items():
        best = seen.statuses.get(row["provider_message_id"] or "")
        if reference in seen.attempts and best and _DB_RANK[row["delivery"]] < _RANK[best]:
            wrong.append(f"status: {reference} is {row['delivery']}, we were told {best}")
    return wrong


def _about_sends(reference: str, attempts: list[Attempt], row: Mapping[str, Any] | None) -> list[str]:
    if row is None:
        return [f"sent without a row: {reference}"]
    got = [one for one in attempts if one.sent]
    wrong = [f"second send: a phone got {reference} {len(got)} times"] if len(got) > 1 else []
    if any(not one.certain for one in attempts[:-1]):
        wrong.append(f"blind repetition: {reference} was tried again after {[one.outcome for one in attempts]}")
    if got and row["delivery"] in {"pending", "failed"}:
        wrong.append(f"said {row['delivery']}: {reference} reached the phone")
    if not got and row["delivery"] in {"sent", "delivered", "read"}:
        wrong.append(f"said {row['delivery']}: {reference} reached nobody")
    return wrong


def tally(wrong: Iterable[str]) -> dict[str, int]:
    return dict(Counter(one.split(":", 1)[0] for one in wrong))
