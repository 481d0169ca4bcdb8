"""How each mutating operation is called so that it succeeds. A new operation belongs here; the tests fail until it is."""

from tests.integration.mutations import recipes_content, recipes_desk, recipes_people, recipes_teams
from tests.integration.mutations.book import RECIPES

CHAPTERS = (recipes_content, recipes_desk, recipes_people, recipes_teams)
"""Each writes its recipes into the book."""

__all__ = ["CHAPTERS", "RECIPES"]
