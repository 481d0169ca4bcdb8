"""Finding a readable name that is not taken."""

from uuid import UUID

from atende.core.tenancy.model import slug_of
from atende.core.tenancy.ports import TenantNames


def spellings(wanted: str, mark: UUID) -> list[str]:
    """Slugs for a name, the most readable first; the last one ends with part of `mark` and is never taken."""
    plain = slug_of(wanted)
    return [plain, *(f"{plain}-{number}" for number in range(2, 7)), f"{plain}-{mark.hex[-12:]}"]


async def free_name(names: TenantNames, wanted: str, mark: UUID) -> str:
    """The first spelling that no active organization and no project uses. Another caller may take it before it is saved."""
    *readable, marked = spellings(wanted, mark)
    taken = await names.taken(readable)
    return next((name for name in readable if name not in taken), marked)
