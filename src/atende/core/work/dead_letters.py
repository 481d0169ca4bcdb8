"""What an operator does with work that was given up."""

from dataclasses import dataclass

from atende.core.kernel import Scope, Transaction
from atende.core.work.ports import DeadLetters


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDeadLetter:
    """A dead job is tried again from the start, as a new job that names the old one; the old one is settled."""

    dead_letters: DeadLetters
    transaction: Transaction

    async def __call__(self, scope: Scope, job_id: int) -> int:
        async with self.transaction(scope):
            home = await self.dead_letters.home(scope, job_id)
        async with self.transaction(home):
            return await self.dead_letters.replay(home, job_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDeadLetter:
    """A dead job is settled without being tried again."""

    dead_letters: DeadLetters
    transaction: Transaction

    async def __call__(self, scope: Scope, job_id: int) -> None:
        async with self.transaction(scope):
            home = await self.dead_letters.home(scope, job_id)
        async with self.transaction(home):
            await self.dead_letters.discard(home, job_id)
