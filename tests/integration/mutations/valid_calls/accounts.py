"""Accounts, and signing in."""

from atende.core.identity.signed_tokens import Purpose
from tests.integration.mutations.mutation_world import PASSWORD, Call, MutationWorld
from tests.integration.mutations.valid_calls.registry import valid_call
from tests.world.browser import Browser, link_for


@valid_call
async def register_account(mutations: MutationWorld) -> Call:
    email = f"new-{next(mutations.numbers)}@example.com"
    body = {"email": email, "password": PASSWORD}
    return Call(
        method="POST", path="/auth/register", body=body, changed=body | {"language": "en"}, address=mutations.address()
    )


@valid_call
async def sign_in(mutations: MutationWorld) -> Call:
    browser, email = await mutations.registered()
    body = {"email": email, "password": PASSWORD}
    return Call(method="POST", path="/auth/login", body=body, address=browser.address)


@valid_call
async def restore_account(mutations: MutationWorld) -> Call:
    browser, email = await mutations.registered()
    await browser.post("/organizations", {"name": "Mine"})
    gone = await browser.call("DELETE", "/users/me", {"password": PASSWORD})
    assert gone.is_success, gone.text
    return Call(
        method="POST", path="/auth/restore", body={"email": email, "password": PASSWORD}, address=browser.address
    )


@valid_call
async def refresh_tokens(mutations: MutationWorld) -> Call:
    browser, _ = await mutations.registered()
    return Call(method="POST", path="/auth/refresh", body={"refreshToken": browser.refresh}, address=browser.address)


@valid_call
async def sign_out(mutations: MutationWorld) -> Call:
    browser, _ = await mutations.registered()
    return Call(method="POST", path="/auth/logout", token=browser.access)


@valid_call
async def sign_out_everywhere(mutations: MutationWorld) -> Call:
    browser, _ = await mutations.registered()
    return Call(method="POST", path="/auth/logout-all", token=browser.access)


@valid_call
async def end_session(mutations: MutationWorld) -> Call:
    browser, email = await mutations.registered()
    other = Browser(mutations.people, address=browser.address)
    assert (await other.sign_in(email)).status_code == 200
    sessions = (await browser.get("/auth/sessions")).json()["data"]
    (theirs,) = [one["id"] for one in sessions if not one["current"]]
    return Call(method="DELETE", path=f"/auth/sessions/{theirs}", token=browser.access)


@valid_call
async def verify_email(mutations: MutationWorld) -> Call:
    browser, email = await mutations.registered()
    token = await link_for(mutations.people, Purpose.VERIFY_EMAIL, email)
    return Call(method="POST", path="/auth/verify-email", body={"token": token}, address=browser.address)


@valid_call
async def send_verification_email(mutations: MutationWorld) -> Call:
    browser, email = await mutations.registered()
    return Call(method="POST", path="/auth/verify-email/send", body={"email": email}, address=browser.address)


@valid_call
async def request_password_reset(mutations: MutationWorld) -> Call:
    browser, email = await mutations.registered()
    return Call(method="POST", path="/auth/forgot-password", body={"email": email}, address=browser.address)


@valid_call
async def reset_password(mutations: MutationWorld) -> Call:
    browser, email = await mutations.registered()
    token = await link_for(mutations.people, Purpose.RESET_PASSWORD, email)
    body = {"token": token, "password": "another horse battery"}
    return Call(method="POST", path="/auth/reset-password", body=body, address=browser.address)


@valid_call
async def change_password(mutations: MutationWorld) -> Call:
    browser, _ = await mutations.registered()
    body = {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
    return Call(
        method="POST",
        path="/auth/change-password",
        body=body,
        changed=body | {"newPassword": "yet another battery"},
        token=browser.access,
    )


@valid_call
async def switch_organization(mutations: MutationWorld) -> Call:
    browser, _ = await mutations.registered()
    made = await browser.post("/organizations", {"name": "Second"})
    assert made.status_code == 201, made.text
    body = {"organizationId": made.json()["id"]}
    return Call(method="POST", path="/auth/switch", body=body, changed={}, token=browser.access)


@valid_call
async def update_my_account(mutations: MutationWorld) -> Call:
    browser, _ = await mutations.registered()
    return Call(
        method="PUT", path="/users/me", body={"firstName": "Bia"}, changed={"firstName": "Eva"}, token=browser.access
    )


@valid_call
async def delete_my_account(mutations: MutationWorld) -> Call:
    browser, _ = await mutations.registered()
    return Call(
        method="DELETE",
        path="/users/me",
        body={"password": PASSWORD},
        changed={"password": "another"},
        token=browser.access,
    )
