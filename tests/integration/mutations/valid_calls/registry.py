"""The book of recipes: by operation id, how a mutating operation is called so that it succeeds."""

from collections.abc import Callable

from tests.integration.mutations.mutation_world import Call, Recipe, Stage

RECIPES: dict[str, Recipe] = {}
"""By operation id."""


def recipe(made: Recipe) -> Recipe:
    first, *rest = made.__name__.split("_")
    RECIPES[first + "".join(part.capitalize() for part in rest)] = made
    return made


def own(build: Callable[[str], Call]) -> Recipe:
    """Of an owner of an organization, by its id."""

    async def made(stage: Stage) -> Call:
        owner, organization = await stage.owner()
        call = build(str(organization.id))
        return Call(method=call.method, path=call.path, body=call.body, changed=call.changed, token=owner.token)

    return made
