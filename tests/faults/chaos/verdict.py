"""What a chaos run has left: the invariants, the log of the fakes, and how long customers waited."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.faults.chaos.oracle import Seen, disagreements, read, tally
from tests.faults.chaos.run import Run
from tests.faults.support.deployment import PROVIDERS, Deployment
from tests.faults.support.invariants import broken

_OURS = "SELECT id::text, conversation_id, seq, delivery, provider_message_id FROM message WHERE direction = 'outbound'"
_DOUBTED = """
    SELECT j.created_at::text, m.sending_at::text, m.id::text, m.delivery, m.error
    FROM job j JOIN message m ON m.id::text = j.payload ->> 'message_id' WHERE j.kind = 'send.resolve' ORDER BY 1"""
_WAITED = """
    SELECT percentile_cont(ARRAY[0.5, 0.99, 1.0]) WITHIN GROUP (ORDER BY extract(epoch FROM m.sent_at - first.at)) AS waited
    FROM message m JOIN turn t ON t.id = m.turn_id
    CROSS JOIN LATERAL (SELECT min(i.created_at) AS at FROM message i
      WHERE i.conversation_id = t.conversation_id AND i.seq BETWEEN t.from_seq AND t.to_seq) first
    WHERE m.sent_at IS NOT NULL"""


@dataclass(slots=True, kw_only=True)
class Result:
    """`kept`: every promise was. Times in seconds."""

    seed: int
    bursts: int
    turns: dict[str, int] = field(default_factory=dict)
    replies: dict[str, int] = field(default_factory=dict)
    handoffs: dict[str, int] = field(default_factory=dict)
    struck: dict[str, int] = field(default_factory=dict)
    doubted: int = 0
    in_flight: int = 0
    ambiguous: int = 0
    sends: int = 0
    retried_jobs: int = 0
    most_attempts: int = 0
    storm: float = 0.0
    calm: float = 0.0
    waited: list[float] = field(default_factory=list)
    broken: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        return not self.broken and not self.wrong

    @property
    def summary(self) -> str:
        told = (
            f"seed {self.seed}: {sum(self.turns.values())} turns from {self.bursts} bursts in {self.storm:.0f} + {self.calm:.0f} s; "
            f"{self.replies}; {self.sends} sends; doubted {self.doubted} of at most {self.in_flight} cut off + "
            f"{self.ambiguous} ambiguous; {self.retried_jobs} jobs retried, at most {self.most_attempts} attempts; {self.struck}"
        )
        if self.kept:
            return f"KEPT   {told}"
        return f"BROKEN {told}\n  {tally(self.wrong)} {self.broken}\n  " + "\n  ".join(self.wrong[:20])


async def reckon(run: Run, *, rested: bool, storm: float, calm: float) -> Result:
    world = run.world
    seen = {provider: read(await world.log(provider)) for provider in PROVIDERS}
    ours = {row["id"]: dict(row) for row in await world.rows(_OURS)}
    doubted = await world.value("SELECT count(*) FROM job WHERE kind = 'send.resolve'")
    waited = await world.value(_WAITED)
    result = Result(
        seed=run.seed,
        bursts=run.size.bursts,
        turns=await _counts(run, "SELECT state, count(*) FROM turn GROUP BY 1"),
        replies=dict(Counter(row["delivery"] for row in ours.values())),
        handoffs=await _counts(run, "SELECT reason, count(*) FROM handoff GROUP BY 1"),
        struck=dict(run.struck),
        doubted=doubted,
        in_flight=len(run.cut_off),
        ambiguous=sum(one.ambiguous for one in seen.values()),
        sends=sum(len(some) for one in seen.values() for some in one.received.values()),
        retried_jobs=await world.value("SELECT count(*) FROM job WHERE attempts > 1"),
        most_attempts=await world.value("SELECT max(attempts) FROM job"),
        storm=round(storm, 1),
        calm=round(calm, 1),
        waited=[round(seconds, 2) for seconds in waited or []],
        broken=await broken(world.rows, watched=True),
    )
    result.wrong = [*([] if rested else ["restless: work was left when the time was up"]), *run.unasked]
    result.wrong += await _disagreements(world, seen, ours)
    if doubted > result.in_flight + result.ambiguous:
        why = [tuple(row) for row in await world.rows(_DOUBTED)]
        result.wrong.append(
            f"doubt: {doubted} sends doubted, {result.in_flight} cut off, {result.ambiguous} ambiguous: {why}"
        )
    return result


async def promises(world: Deployment) -> list[str]:
    """What is broken, by the database's own rules or by the doubles' log; nothing, when all is well and at rest."""
    seen = {provider: read(await world.log(provider)) for provider in PROVIDERS}
    ours = {row["id"]: dict(row) for row in await world.rows(_OURS)}
    rules = [f"{name}: {rows}" for name, rows in (await broken(world.rows)).items()]
    return rules + await _disagreements(world, seen, ours)


async def _disagreements(world: Deployment, seen: dict[str, Seen], ours: dict[str, Any]) -> list[str]:
    rows = await world.rows("SELECT provider_message_id AS id FROM message WHERE direction = 'inbound'")
    inbound = {row["id"] for row in rows}
    wrong = []
    for one in seen.values():
        wrong += disagreements(one, ours, inbound & one.wrote.keys())
    known = {reference for one in seen.values() for reference in one.attempts}
    wrong += [
        f"said {row['delivery']}: {reference} was never asked of a provider"
        for reference, row in ours.items()
        if reference not in known and row["delivery"] in {"sent", "delivered", "read"}
    ]
    every = {one for some in seen.values() for one in some.wrote}
    return wrong + [f"invented: {one} was never written" for one in sorted(inbound - every)]


async def _counts(run: Run, query: str) -> dict[str, int]:
    return {row[0]: row[1] for row in await run.world.rows(query)}
