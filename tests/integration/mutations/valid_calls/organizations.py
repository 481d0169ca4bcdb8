"""Organizations, members, invitations."""

from atende.core.identity.model import MembershipStatus
from atende.core.identity.permissions import Role
from tests.integration.mutations.mutation_world import PASSWORD, Call, MutationWorld
from tests.integration.mutations.valid_calls.registry import VALID_CALLS, own, valid_call

VALID_CALLS["createOrganization"] = own(
    lambda _: Call(method="POST", path="/organizations", body={"name": "Another"}, changed={"name": "A third"})
)
VALID_CALLS["updateOrganization"] = own(
    lambda it: Call(method="PUT", path=f"/organizations/{it}", body={"name": "New"}, changed={"name": "Newer"})
)


@valid_call
async def delete_organization(mutations: MutationWorld) -> Call:
    owner, organization = await mutations.owner()
    return Call(
        method="DELETE",
        path=f"/organizations/{organization.id}",
        body={"slug": organization.slug},
        changed={"slug": "other"},
        token=owner.token,
    )


@valid_call
async def restore_organization(mutations: MutationWorld) -> Call:
    owner, organization = await mutations.owner()
    gone = await owner.delete(f"/organizations/{organization.id}", {"slug": organization.slug})
    assert gone.status_code == 202, gone.text
    await mutations.people.sign_in(owner)
    return Call(
        method="POST",
        path=f"/organizations/{organization.id}/restore",
        body={"slug": organization.slug},
        changed={"slug": "other"},
        token=owner.token,
    )


@valid_call
async def change_member_role(mutations: MutationWorld) -> Call:
    owner, organization = await mutations.owner()
    member = await mutations.people.member(organization, Role.VIEWER)
    return Call(
        method="PUT",
        path=f"/organizations/{organization.id}/members/{member.id}",
        body={"role": "agent"},
        changed={"role": "admin"},
        token=owner.token,
    )


@valid_call
async def remove_member(mutations: MutationWorld) -> Call:
    owner, organization = await mutations.owner()
    member = await mutations.people.member(organization, Role.VIEWER)
    return Call(method="DELETE", path=f"/organizations/{organization.id}/members/{member.id}", token=owner.token)


@valid_call
async def approve_member(mutations: MutationWorld) -> Call:
    owner, organization = await mutations.owner()
    member = await mutations.people.member(organization, Role.VIEWER, status=MembershipStatus.PENDING)
    return Call(method="POST", path=f"/organizations/{organization.id}/members/{member.id}/approve", token=owner.token)


VALID_CALLS["createInvitation"] = own(
    lambda it: Call(
        method="POST",
        path=f"/organizations/{it}/invitations",
        body={"email": "guest@example.com"},
        changed={"email": "another@example.com"},
    )
)


@valid_call
async def resend_invitation(mutations: MutationWorld) -> Call:
    owner, organization = await mutations.owner()
    invitation, _ = await mutations.invitation(owner, organization)
    place = f"/organizations/{organization.id}/invitations/{invitation}/send"
    return Call(method="POST", path=place, token=owner.token)


@valid_call
async def revoke_invitation(mutations: MutationWorld) -> Call:
    owner, organization = await mutations.owner()
    invitation, _ = await mutations.invitation(owner, organization)
    place = f"/organizations/{organization.id}/invitations/{invitation}"
    return Call(method="DELETE", path=place, token=owner.token)


@valid_call
async def accept_invitation(mutations: MutationWorld) -> Call:
    owner, organization = await mutations.owner()
    invitation, _ = await mutations.invitation(owner, organization)
    body = {"token": await mutations.people.link(invitation), "password": PASSWORD, "firstName": "Guest"}
    return Call(
        method="POST",
        path="/auth/invitations/accept",
        body=body,
        changed=body | {"firstName": "Other"},
        address=mutations.address(),
    )


VALID_CALLS["createUser"] = own(
    lambda _: Call(
        method="POST", path="/users", body={"email": "new@example.com"}, changed={"email": "another@example.com"}
    )
)


@valid_call
async def update_user(mutations: MutationWorld) -> Call:
    owner, organization = await mutations.owner()
    member = await mutations.people.member(organization, Role.VIEWER)
    return Call(
        method="PUT", path=f"/users/{member.id}", body={"role": "agent"}, changed={"role": "admin"}, token=owner.token
    )


@valid_call
async def remove_user(mutations: MutationWorld) -> Call:
    owner, organization = await mutations.owner()
    member = await mutations.people.member(organization, Role.VIEWER)
    return Call(method="DELETE", path=f"/users/{member.id}", token=owner.token)
