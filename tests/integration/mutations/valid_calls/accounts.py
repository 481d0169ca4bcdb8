"""Accounts, and signing in."""

from atende.core.identity.signed_tokens import Purpose
from tests.integration.mutations.mutation_world import PASSWORD, Call, Stage
from tests.integration.mutations.valid_calls.registry import recipe
from tests.world.browser import Browser, link_for


@recipe
async def register(stage: Stage) -> Call:
    email = f"new-{next(stage.numbers)}@example.com"
    body = {"email": email, "password": PASSWORD}
    return Call(
        method="POST", path="/auth/register", body=body, changed=body | {"language": "en"}, address=stage.address()
    )


@recipe
async def login(stage: Stage) -> Call:
    browser, email = await stage.registered()
    body = {"email": email, "password": PASSWORD}
    return Call(method="POST", path="/auth/login", body=body, address=browser.address)


@recipe
async def restore_account(stage: Stage) -> Call:
    browser, email = await stage.registered()
    await browser.post("/organizations", {"name": "Mine"})
    gone = await browser.call("DELETE", "/users/me", {"password": PASSWORD})
    assert gone.is_success, gone.text
    return Call(
        method="POST", path="/auth/restore", body={"email": email, "password": PASSWORD}, address=browser.address
    )


@recipe
async def refresh(stage: Stage) -> Call:
    browser, _ = await stage.registered()
    return Call(method="POST", path="/auth/refresh", body={"refreshToken": browser.refresh}, address=browser.address)


@recipe
async def logout(stage: Stage) -> Call:
    browser, _ = await stage.registered()
    return Call(method="POST", path="/auth/logout", token=browser.access)


@recipe
async def logout_all(stage: Stage) -> Call:
    browser, _ = await stage.registered()
    return Call(method="POST", path="/auth/logout-all", token=browser.access)


@recipe
async def delete_session(stage: Stage) -> Call:
    browser, email = await stage.registered()
    other = Browser(stage.people, address=browser.address)
    assert (await other.sign_in(email)).status_code == 200
    sessions = (await browser.get("/auth/sessions")).json()["data"]
    (theirs,) = [one["id"] for one in sessions if not one["current"]]
    return Call(method="DELETE", path=f"/auth/sessions/{theirs}", token=browser.access)


@recipe
async def verify_email(stage: Stage) -> Call:
    browser, email = await stage.registered()
    token = await link_for(stage.people, Purpose.VERIFY_EMAIL, email)
    return Call(method="POST", path="/auth/verify-email", body={"token": token}, address=browser.address)


@recipe
async def send_verification(stage: Stage) -> Call:
    browser, email = await stage.registered()
    return Call(method="POST", path="/auth/verify-email/send", body={"email": email}, address=browser.address)


@recipe
async def forgot_password(stage: Stage) -> Call:
    browser, email = await stage.registered()
    return Call(method="POST", path="/auth/forgot-password", body={"email": email}, address=browser.address)


@recipe
async def reset_password(stage: Stage) -> Call:
    browser, email = await stage.registered()
    token = await link_for(stage.people, Purpose.RESET_PASSWORD, email)
    body = {"token": token, "password": "another horse battery"}
    return Call(method="POST", path="/auth/reset-password", body=body, address=browser.address)


@recipe
async def change_password(stage: Stage) -> Call:
    browser, _ = await stage.registered()
    body = {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
    return Call(
        method="POST",
        path="/auth/change-password",
        body=body,
        changed=body | {"newPassword": "yet another battery"},
        token=browser.access,
    )


@recipe
async def switch_to(stage: Stage) -> Call:
    browser, _ = await stage.registered()
    made = await browser.post("/organizations", {"name": "Second"})
    assert made.status_code == 201, made.text
    body = {"organizationId": made.json()["id"]}
    return Call(method="POST", path="/auth/switch", body=body, changed={}, token=browser.access)


@recipe
async def update_me(stage: Stage) -> Call:
    browser, _ = await stage.registered()
    return Call(
        method="PUT", path="/users/me", body={"firstName": "Bia"}, changed={"firstName": "Eva"}, token=browser.access
    )


@recipe
async def delete_me(stage: Stage) -> Call:
    browser, _ = await stage.registered()
    return Call(
        method="DELETE",
        path="/users/me",
        body={"password": PASSWORD},
        changed={"password": "another"},
        token=browser.access,
    )
