"""By operation id, how a mutating operation is called so that it succeeds."""

from collections.abc import Callable

from tests.integration.mutations.mutation_world import Call, MakeCall, MutationWorld

VALID_CALLS: dict[str, MakeCall] = {}
"""By operation id."""


def valid_call(made: MakeCall) -> MakeCall:
    first, *rest = made.__name__.split("_")
    VALID_CALLS[first + "".join(part.capitalize() for part in rest)] = made
    return made


def own(build: Callable[[str], Call]) -> MakeCall:
    """Of an owner of an organization, by its id."""

    async def made(mutations: MutationWorld) -> Call:
        owner, organization = await mutations.owner()
        call = build(str(organization.id))
        return Call(method=call.method, path=call.path, body=call.body, changed=call.changed, token=owner.token)

    return made
