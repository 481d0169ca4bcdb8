"""The operators' desk, and keys."""

from tests.integration.mutations.mutation_world import Call, Stage
from tests.integration.mutations.valid_calls.registry import RECIPES, own, recipe


@recipe
async def change_role(stage: Stage) -> Call:
    operator = await stage.operator()
    place, read = "/admin/roles/viewer", ["organization:read", "projects:read", "members:read"]
    return Call(
        method="PUT", path=place, body={"permissions": read}, changed={"permissions": read[:2]}, token=operator.token
    )


@recipe
async def set_limits(stage: Stage) -> Call:
    operator, (_, organization) = await stage.operator(), await stage.owner()
    place = f"/admin/organizations/{organization.id}/limits"
    body, changed = {"limits": {"max_projects": 7}}, {"limits": {"max_projects": 8}}
    return Call(method="PUT", path=place, body=body, changed=changed, token=operator.token)


@recipe
async def suspend_user(stage: Stage) -> Call:
    operator, person = await stage.operator(), await stage.people.person("eve")
    place = f"/admin/users/{person.id}/suspend"
    return Call(method="POST", path=place, body={"reason": "spam"}, changed={"reason": "fraud"}, token=operator.token)


@recipe
async def lift_user(stage: Stage) -> Call:
    operator, person = await stage.operator(), await stage.people.person("eve")
    assert (await operator.post(f"/admin/users/{person.id}/suspend", {"reason": "spam"})).is_success
    return Call(method="POST", path=f"/admin/users/{person.id}/lift", token=operator.token)


async def _payer(stage: Stage) -> str:
    _, organization = await stage.owner()
    found = "SELECT id FROM billing_account WHERE organization_id = $1"
    return f"/admin/billing-accounts/{await stage.admin.fetchval(found, organization.id)}"


@recipe
async def suspend_billing_account(stage: Stage) -> Call:
    operator, place = await stage.operator(), await _payer(stage)
    body, changed = {"reason": "unpaid"}, {"reason": "fraud"}
    return Call(method="POST", path=f"{place}/suspend", body=body, changed=changed, token=operator.token)


@recipe
async def lift_billing_account(stage: Stage) -> Call:
    operator, place = await stage.operator(), await _payer(stage)
    assert (await operator.post(f"{place}/suspend", {"reason": "unpaid"})).is_success
    return Call(method="POST", path=f"{place}/lift", token=operator.token)


@recipe
async def create_api_key(stage: Stage) -> Call:
    owner, _ = await stage.owner()
    return Call(
        method="POST", path="/auth/api-keys", body={"name": "till"}, changed={"name": "desk"}, token=owner.token
    )


async def _api_key(stage: Stage) -> tuple[str, str]:
    owner, _ = await stage.owner()
    made = await owner.post("/auth/api-keys", {"name": "till"})
    return owner.token, f"/auth/api-keys/{made.json()['id']}"


@recipe
async def update_api_key(stage: Stage) -> Call:
    token, place = await _api_key(stage)
    return Call(method="PUT", path=place, body={"name": "desk"}, changed={"name": "bar"}, token=token)


@recipe
async def revoke_api_key(stage: Stage) -> Call:
    token, place = await _api_key(stage)
    return Call(method="DELETE", path=place, token=token)


@recipe
async def rotate_api_key(stage: Stage) -> Call:
    token, place = await _api_key(stage)
    return Call(method="POST", path=f"{place}/rotate", token=token)


OWN_KEY = {"apiKey": "sk-0123456789abcdefghijklmnop"}
RECIPES["putProviderKey"] = own(
    lambda _: Call(
        method="PUT", path="/provider-keys/openai", body=OWN_KEY, changed={"apiKey": "sk-another-9876543210zyxwvut"}
    )
)


async def _provider_key(stage: Stage) -> str:
    owner, _ = await stage.owner()
    put = await owner.put("/provider-keys/openai", OWN_KEY)
    assert put.status_code == 200, put.text
    return owner.token


@recipe
async def validate_provider_key(stage: Stage) -> Call:
    return Call(method="POST", path="/provider-keys/openai/validate", token=await _provider_key(stage))


@recipe
async def remove_provider_key(stage: Stage) -> Call:
    return Call(method="DELETE", path="/provider-keys/openai", token=await _provider_key(stage))
