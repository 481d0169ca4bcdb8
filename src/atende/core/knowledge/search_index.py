"""The search index of a tenant: of which embedding it is, and the index of another one that is built or kept beside it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from atende.core.kernel import NO_CREDITS, Conflict, Credits, Invalid, NotFound, Owner, TenantScope

KEPT = timedelta(days=7)
"""How long the index before a switch is kept, unless told."""
LONGEST_KEPT = timedelta(days=90)
USUAL_GATE = 0.6
"""Share of the best passages on which both indexes must agree, on average, unless told."""


class Beside(StrEnum):
    """What is done with the index beside the one that is searched."""

    NONE = "none"
    BUILDING = "building"
    READY = "ready"
    KEPT = "kept"
    REMOVING = "removing"


class After(StrEnum):
    """What follows when the index beside is complete."""

    SWITCH_IF_GOOD = "switch_if_good"
    ASK = "ask"
    SWITCH = "switch"


class IndexBusy(Conflict):
    """There is another index beside the one that is searched already: remove it first."""


class NotReady(Conflict):
    """There is no complete index to switch to."""


@dataclass(frozen=True, slots=True)
class Space:
    """The vectors of one embedding: only these can be compared with each other."""

    model: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Trial:
    """A question of the user's own set. `quote`: text that a passage which answers it contains; empty if none is known."""

    question: str
    quote: str = ""


@dataclass(slots=True, kw_only=True)
class SearchIndex:
    """Questions are searched in the vectors of `model` with `dimension`, and in no others. Beside them there may be those of
    `beside_model`: being built, complete, kept after a switch (`kept_until`), or being removed.

    Building has cost `spent`; `done` of `total` passages were in it when it was last looked at. `comparison`: figures about both
    on the same questions. `error`: why building stopped; it can be begun again, and goes on where it was.
    """

    owner: Owner
    model: str
    dimension: int
    changed_at: datetime
    beside: Beside = Beside.NONE
    beside_model: str | None = None
    beside_dimension: int | None = None
    after: After = After.SWITCH_IF_GOOD
    gate: float = USUAL_GATE
    keep_days: int = KEPT.days
    trials: tuple[Trial, ...] = ()
    total: int = 0
    done: int = 0
    spent: Credits = NO_CREDITS
    comparison: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    kept_until: datetime | None = None
    hold_id: UUID | None = None

    @property
    def scope(self) -> TenantScope:
        return self.owner.scope

    @property
    def live(self) -> Space:
        return Space(self.model, self.dimension)

    @property
    def other(self) -> Space | None:
        if self.beside_model is None or self.beside_dimension is None:
            return None
        return Space(self.beside_model, self.beside_dimension)

    @property
    def spaces(self) -> tuple[Space, ...]:
        return (self.live, self.other) if self.other else (self.live,)

    def build(
        self,
        space: Space,
        at: datetime,
        *,
        after: After,
        gate: float = USUAL_GATE,
        keep_days: int = KEPT.days,
        trials: tuple[Trial, ...] = (),
    ) -> None:
        """Begins, or goes on with, the index of another embedding. Raises Invalid or IndexBusy."""
        if space == self.live:
            raise Invalid("this embedding is the one that is searched already")
        if not 0 <= gate <= 1:
            raise Invalid("the gate must be between 0 and 1")
        if not 0 < keep_days <= LONGEST_KEPT.days:
            raise Invalid(f"the index before is kept for 1 to {LONGEST_KEPT.days} days")
        if self.beside is not Beside.NONE and (self.other != space or self.beside is Beside.REMOVING):
            raise IndexBusy
        if self.beside in {Beside.NONE, Beside.KEPT}:
            self.spent, self.done, self.total = NO_CREDITS, 0, 0
        self._begin(space, at, after)
        self.gate, self.keep_days, self.trials, self.comparison = gate, keep_days, trials, {}

    def require_complete(self) -> Space:
        """The index to switch to. Raises NotReady."""
        if self.other is None or self.beside not in {Beside.READY, Beside.KEPT, Beside.BUILDING}:
            raise NotReady
        return self.other

    def catch_up(self, at: datetime) -> None:
        """Takes in what was published since, and is switched to then, whatever was asked for before. Raises NotReady."""
        self._begin(self.require_complete(), at, After.SWITCH)

    def _begin(self, space: Space, at: datetime, after: After) -> None:
        self.beside, self.beside_model, self.beside_dimension = Beside.BUILDING, space.model, space.dimension
        self.after, self.changed_at, self.error, self.kept_until = after, at, None, None

    def was_built(self, done: int, total: int, cost: Credits = NO_CREDITS) -> None:
        self.done, self.total, self.spent = done, total, Credits(self.spent + cost)

    def complete(self, at: datetime, comparison: dict[str, Any]) -> None:
        self.beside, self.changed_at, self.comparison = Beside.READY, at, comparison

    @property
    def is_good(self) -> bool:
        """Whether the comparison reached the gate."""
        return bool(self.comparison.get("passed"))

    def switch(self, at: datetime) -> None:
        """The other index is searched from now on, and this one kept for a while. Raises NotReady."""
        now, before = self.require_complete(), self.live
        self.model, self.dimension = now.model, now.dimension
        self.beside_model, self.beside_dimension = before.model, before.dimension
        self.beside, self.changed_at, self.error = Beside.KEPT, at, None
        self.kept_until = at + timedelta(days=self.keep_days)

    def drop(self, at: datetime) -> None:
        """The index beside is not wanted any more. Raises NotFound."""
        if self.beside is Beside.NONE:
            raise NotFound("there is no index beside the one that is searched")
        self.beside, self.changed_at, self.kept_until = Beside.REMOVING, at, None

    def is_over(self, at: datetime) -> bool:
        """Whether the index beside was kept long enough."""
        return self.beside is Beside.KEPT and self.kept_until is not None and self.kept_until <= at

    def was_removed(self) -> None:
        self.beside, self.beside_model, self.beside_dimension, self.kept_until = Beside.NONE, None, None, None
        self.done = self.total = 0

    def stopped(self, error: str) -> None:
        self.error = error[:500]
