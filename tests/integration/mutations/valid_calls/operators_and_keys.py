"""Operators, and keys."""

from tests.integration.mutations.mutation_world import Call, MutationWorld
from tests.integration.mutations.valid_calls.registry import VALID_CALLS, own, valid_call


@valid_call
async def update_role(mutations: MutationWorld) -> Call:
    operator = await mutations.operator()
    place, read = "/admin/roles/viewer", ["organization:read", "projects:read", "members:read"]
    return Call(
        method="PUT", path=place, body={"permissions": read}, changed={"permissions": read[:2]}, token=operator.token
    )


@valid_call
async def set_organization_limits(mutations: MutationWorld) -> Call:
    operator, (_, organization) = await mutations.operator(), await mutations.owner()
    place = f"/admin/organizations/{organization.id}/limits"
    body, changed = {"limits": {"max_projects": 7}}, {"limits": {"max_projects": 8}}
    return Call(method="PUT", path=place, body=body, changed=changed, token=operator.token)


@valid_call
async def suspend_user(mutations: MutationWorld) -> Call:
    operator, person = await mutations.operator(), await mutations.people.person("eve")
    place = f"/admin/users/{person.id}/suspend"
    return Call(method="POST", path=place, body={"reason": "spam"}, changed={"reason": "fraud"}, token=operator.token)


@valid_call
async def lift_user_suspension(mutations: MutationWorld) -> Call:
    operator, person = await mutations.operator(), await mutations.people.person("eve")
    assert (await operator.post(f"/admin/users/{person.id}/suspend", {"reason": "spam"})).is_success
    return Call(method="POST", path=f"/admin/users/{person.id}/lift", token=operator.token)


async def _payer(mutations: MutationWorld) -> str:
    _, organization = await mutations.owner()
    found = "SELECT id FROM billing_account WHERE organization_id = $1"
    return f"/admin/billing-accounts/{await mutations.admin.fetchval(found, organization.id)}"


@valid_call
async def suspend_billing_account(mutations: MutationWorld) -> Call:
    operator, place = await mutations.operator(), await _payer(mutations)
    body, changed = {"reason": "unpaid"}, {"reason": "fraud"}
    return Call(method="POST", path=f"{place}/suspend", body=body, changed=changed, token=operator.token)


@valid_call
async def lift_billing_account_suspension(mutations: MutationWorld) -> Call:
    operator, place = await mutations.operator(), await _payer(mutations)
    assert (await operator.post(f"{place}/suspend", {"reason": "unpaid"})).is_success
    return Call(method="POST", path=f"{place}/lift", token=operator.token)


@valid_call
async def create_api_key(mutations: MutationWorld) -> Call:
    owner, _ = await mutations.owner()
    return Call(
        method="POST", path="/auth/api-keys", body={"name": "till"}, changed={"name": "desk"}, token=owner.token
    )


async def _api_key(mutations: MutationWorld) -> tuple[str, str]:
    owner, _ = await mutations.owner()
    made = await owner.post("/auth/api-keys", {"name": "till"})
    return owner.token, f"/auth/api-keys/{made.json()['id']}"


@valid_call
async def update_api_key(mutations: MutationWorld) -> Call:
    token, place = await _api_key(mutations)
    return Call(method="PUT", path=place, body={"name": "desk"}, changed={"name": "bar"}, token=token)


@valid_call
async def revoke_api_key(mutations: MutationWorld) -> Call:
    token, place = await _api_key(mutations)
    return Call(method="DELETE", path=place, token=token)


@valid_call
async def rotate_api_key(mutations: MutationWorld) -> Call:
    token, place = await _api_key(mutations)
    return Call(method="POST", path=f"{place}/rotate", token=token)


OWN_KEY = {"apiKey": "sk-0123456789abcdefghijklmnop"}
VALID_CALLS["setProviderKey"] = own(
    lambda _: Call(
        method="PUT", path="/provider-keys/openai", body=OWN_KEY, changed={"apiKey": "sk-another-9876543210zyxwvut"}
    )
)


async def _provider_key(mutations: MutationWorld) -> str:
    owner, _ = await mutations.owner()
    put = await owner.put("/provider-keys/openai", OWN_KEY)
    assert put.status_code == 200, put.text
    return owner.token


@valid_call
async def validate_provider_key(mutations: MutationWorld) -> Call:
    return Call(method="POST", path="/provider-keys/openai/validate", token=await _provider_key(mutations))


@valid_call
async def delete_provider_key(mutations: MutationWorld) -> Call:
    return Call(method="DELETE", path="/provider-keys/openai", token=await _provider_key(mutations))
