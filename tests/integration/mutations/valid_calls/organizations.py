"""Organizations, members, invitations."""

from atende.core.identity.model import MembershipStatus
from atende.core.identity.permissions import Role
from tests.integration.mutations.mutation_world import PASSWORD, Call, Stage
from tests.integration.mutations.valid_calls.registry import RECIPES, own, recipe

RECIPES["createOrganization"] = own(
    lambda _: Call(method="POST", path="/organizations", body={"name": "Another"}, changed={"name": "A third"})
)
RECIPES["updateOrganization"] = own(
    lambda it: Call(method="PUT", path=f"/organizations/{it}", body={"name": "New"}, changed={"name": "Newer"})
)


@recipe
async def delete_organization(stage: Stage) -> Call:
    owner, organization = await stage.owner()
    return Call(
        method="DELETE",
        path=f"/organizations/{organization.id}",
        body={"slug": organization.slug},
        changed={"slug": "other"},
        token=owner.token,
    )


@recipe
async def restore_organization(stage: Stage) -> Call:
    owner, organization = await stage.owner()
    gone = await owner.delete(f"/organizations/{organization.id}", {"slug": organization.slug})
    assert gone.status_code == 202, gone.text
    await stage.people.sign_in(owner)
    return Call(
        method="POST",
        path=f"/organizations/{organization.id}/restore",
        body={"slug": organization.slug},
        changed={"slug": "other"},
        token=owner.token,
    )


@recipe
async def change_member(stage: Stage) -> Call:
    owner, organization = await stage.owner()
    member = await stage.people.member(organization, Role.VIEWER)
    return Call(
        method="PUT",
        path=f"/organizations/{organization.id}/members/{member.id}",
        body={"role": "agent"},
        changed={"role": "admin"},
        token=owner.token,
    )


@recipe
async def remove_member(stage: Stage) -> Call:
    owner, organization = await stage.owner()
    member = await stage.people.member(organization, Role.VIEWER)
    return Call(method="DELETE", path=f"/organizations/{organization.id}/members/{member.id}", token=owner.token)


@recipe
async def approve_member(stage: Stage) -> Call:
    owner, organization = await stage.owner()
    member = await stage.people.member(organization, Role.VIEWER, status=MembershipStatus.PENDING)
    return Call(method="POST", path=f"/organizations/{organization.id}/members/{member.id}/approve", token=owner.token)


RECIPES["createInvitation"] = own(
    lambda it: Call(
        method="POST",
        path=f"/organizations/{it}/invitations",
        body={"email": "guest@example.com"},
        changed={"email": "another@example.com"},
    )
)


@recipe
async def send_invitation(stage: Stage) -> Call:
    owner, organization = await stage.owner()
    invitation, _ = await stage.invitation(owner, organization)
    place = f"/organizations/{organization.id}/invitations/{invitation}/send"
    return Call(method="POST", path=place, token=owner.token)


@recipe
async def revoke_invitation(stage: Stage) -> Call:
    owner, organization = await stage.owner()
    invitation, _ = await stage.invitation(owner, organization)
    place = f"/organizations/{organization.id}/invitations/{invitation}"
    return Call(method="DELETE", path=place, token=owner.token)


@recipe
async def accept_invitation(stage: Stage) -> Call:
    owner, organization = await stage.owner()
    invitation, _ = await stage.invitation(owner, organization)
    body = {"token": await stage.people.link(invitation), "password": PASSWORD, "firstName": "Guest"}
    return Call(
        method="POST",
        path="/auth/invitations/accept",
        body=body,
        changed=body | {"firstName": "Other"},
        address=stage.address(),
    )


RECIPES["createUser"] = own(
    lambda _: Call(
        method="POST", path="/users", body={"email": "new@example.com"}, changed={"email": "another@example.com"}
    )
)


@recipe
async def update_user(stage: Stage) -> Call:
    owner, organization = await stage.owner()
    member = await stage.people.member(organization, Role.VIEWER)
    return Call(
        method="PUT", path=f"/users/{member.id}", body={"role": "agent"}, changed={"role": "admin"}, token=owner.token
    )


@recipe
async def delete_user(stage: Stage) -> Call:
    owner, organization = await stage.owner()
    member = await stage.people.member(organization, Role.VIEWER)
    return Call(method="DELETE", path=f"/users/{member.id}", token=owner.token)
