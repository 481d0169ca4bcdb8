"""What an organization used, over HTTP: who may see it, and for which period."""

from datetime import UTC, datetime, timedelta

import pytest

from atende.core.identity.permissions import Role
from tests.world.people import PeopleWorld

MAY = {Role.OWNER, Role.ADMIN, Role.MANAGER}


async def test_the_figures_of_a_new_organization(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    answer = await ana.get(f"/organizations/{shop.id}/usage")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    since, until = datetime.fromisoformat(found.pop("since")), datetime.fromisoformat(found.pop("until"))
    assert since == until.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert timedelta(0) < until - people.clock.now() <= timedelta(hours=1)
    assert (until.minute, until.second, until.microsecond) == (0, 0, 0)
    zeros = ["conversations", "conversationSeconds", "messagesIn", "messagesOut", "ragQueries", "documents"]
    zeros += ["storageBytes", "creditsSpent"]
    assert found == {"organizationId": str(shop.id), **dict.fromkeys(zeros, 0), "members": 1, "projects": 1}


async def test_the_period_is_answered_in_utc_and_held_to_its_limits(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    place = f"/organizations/{(await people.organization(ana)).id}/usage"
    asked = {"since": "2026-01-01T00:00:00-03:00", "until": "2026-02-01T00:00:00-03:00"}
    found = (await ana.get(place, params=asked)).json()
    assert (found["since"], found["until"]) == ("2026-01-01T03:00:00Z", "2026-02-01T03:00:00Z")
    odd_minutes = {"since": "2026-01-01T03:59:59Z", "until": "2026-02-01T02:00:00.1Z"}
    rounded = (await ana.get(place, params=odd_minutes)).json()
    assert (rounded["since"], rounded["until"]) == ("2026-01-01T03:00:00Z", "2026-02-01T03:00:00Z")
    without_zone = {"since": "2026-01-01T03:00:00", "until": "2026-02-01T03:00:00"}
    assert (await ana.get(place, params=without_zone)).json()["since"] == "2026-01-01T03:00:00Z"
    for odd in ("0.5", "1767225600", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        refused = await ana.get(place, params={"until": odd})
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "until"), odd
    for wrong in (
        {"since": asked["until"], "until": asked["since"]},
        {"since": asked["since"], "until": asked["since"]},
        {"since": "2025-01-01T00:00:00Z", "until": "2026-01-02T00:00:01Z"},
        {"until": "0001-01-01T00:00:00Z"},
    ):
        refused = await ana.get(place, params=wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "INVALID"), (wrong, refused.text)
    assert (await ana.get(place, params={"since": "yesterday"})).status_code == 400


@pytest.mark.parametrize(("role", "status"), [(role, 200 if role in MAY else 403) for role in Role])
async def test_who_pays_or_leads_sees_it(people: PeopleWorld, role: Role, status: int) -> None:
    shop = await people.organization(await people.person("ana"))
    bia = await people.member(shop, role)
    own = await people.organization(bia, "Own")
    answer = await bia.get(f"/organizations/{shop.id}/usage")
    assert answer.status_code == status, answer.text
    assert (await bia.get(f"/organizations/{own.id}/usage")).json()["members"] == 1
    strange = await people.organization(await people.person("eve"), "Strange")
    assert (await bia.get(f"/organizations/{strange.id}/usage")).status_code == 404
