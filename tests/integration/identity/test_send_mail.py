"""Mail to people: who gets which, in which language, with a link that works once, and what is not sent any more."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from atende.core.identity.mail.send_mail import Pages, SendMail
from atende.core.identity.mail.texts import LANGUAGES, MailKind, language_of, plain_name, worded
from atende.core.identity.model import Invitation, LinkNotValid, User, UserStatus
from atende.core.identity.permissions import Role
from atende.core.identity.signed_tokens import Links, Purpose, invitation_state, state_for
from atende.core.kernel import PLATFORM, Invalid, Unavailable, personal
from atende.core.mail.model import Mail
from atende.core.work.model import Claim, Fenced
from atende.fakes.ports.mailer import FakeMailer
from tests.world import Tenant, World, WorldClock

LINKS = Links((b"k" * 32,))
PERSONAL = [kind for kind in MailKind if kind is not MailKind.INVITATION]
LINKED = {MailKind.VERIFY: Purpose.VERIFY_EMAIL, MailKind.RESET: Purpose.RESET_PASSWORD}


class Post:
    """The use case, with one person and one organization."""

    def __init__(self, world: World) -> None:
        self.world, self.mailer, self.clock = world, FakeMailer(), WorldClock(world)

    async def run(self, claim: Claim) -> None:
        async with self.world.unit() as unit:
            send = SendMail(
                people=self.world.people,
                memberships=unit.memberships,
                organizations=unit.organizations,
                transaction=unit.transaction,
                mailer=self.mailer,
                links=LINKS,
                pages=Pages("https://app.shop.example/"),
                clock=self.clock,
            )
            await send(claim)

    async def sent(self, kind: str, subject: object, **payload: str) -> Mail | None:
        """The one mail that a job makes, if it makes one."""
        before = len(self.mailer.sent)
        await self.run(self.claim({"kind": kind, "id": str(subject), **payload}))
        made = self.mailer.sent[before:]
        assert len(made) <= 1
        return made[0] if made else None

    def claim(self, payload: dict[str, str], *, job_id: int = 1) -> Claim:
        now = self.clock.now()
        return Claim(
            job_id=job_id,
            scope=PLATFORM.scope,
            kind="mail.send",
            payload=payload,
            token=1,
            attempt=1,
            max_attempts=5,
            created_at=now,
        )

    async def person(self, **given: object) -> User:
        now, number = self.clock.now(), self.world.number()
        made = User(
            id=self.world.ids.new(),
            email=f"ana{number}@customer.example",
            created_at=now,
            updated_at=now,
            first_name="Ana",
            password_hash="hash",
            **given,  # type: ignore[arg-type]
        )
        async with self.world.begin(personal(made.id)) as at:
            await at.users.add(made)
        return made

    async def change(self, user: User) -> None:
        async with self.world.begin(personal(user.id)) as at:
            await at.users.save(user)

    async def invited(self, shop: Tenant, **given: object) -> Invitation:
        now = self.clock.now()
        made = Invitation(
            id=self.world.ids.new(),
            organization_id=shop.owner.organization_id,
            role=Role.AGENT,
            created_at=now,
            expires_at=now + timedelta(days=7),
            **{"email": "eva@other.example", "invited_by": None, **given},  # type: ignore[arg-type]
        )
        async with self.world.begin(shop.whole) as at:
            await at.invitations.add(made)
        return made

    async def change_invitation(self, shop: Tenant, invitation: Invitation) -> None:
        async with self.world.begin(shop.whole) as at:
            await at.invitations.save(invitation)


@pytest.fixture
def post(world: World) -> Post:
    world.stop_the_clock()
    return Post(world)


def token_of(mail: Mail, page: str) -> str:
    (address,) = re.findall(r"https://\S+", mail.text)
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"https://app.shop.example/{page}"
    (token,) = parse_qs(parts.query)["token"]
    return str(token)


@pytest.mark.parametrize("kind", PERSONAL)
async def test_a_person_gets_the_mail_at_their_own_address_and_only_links_have_tokens(
    post: Post, kind: MailKind
) -> None:
    user = await post.person()
    mail = await post.sent(kind, user.id)
    assert mail is not None
    assert mail.to == user.email
    assert "Ana" in mail.text
    assert ("token=" in mail.text) == (kind in LINKED)
    about_account = kind is not MailKind.REINDEXED
    assert kind in LINKED or ("https://app.shop.example/reset-password\n" in mail.text) == about_account


@pytest.mark.parametrize(("kind", "life"), [("verify", timedelta(days=7)), ("reset", timedelta(hours=1))])
async def test_a_link_is_for_this_person_and_purpose_for_its_time(post: Post, kind: str, life: timedelta) -> None:
    user = await post.person()
    mail = await post.sent(kind, user.id)
    assert mail is not None
    purpose = LINKED[MailKind(kind)]
    link, state, now = LINKS.read(token_of(mail, purpose)), state_for(purpose, user), post.clock.now()
    assert link.subject == user.id
    LINKS.check(link, purpose, state=state, now=now + life - timedelta(seconds=1))
    with pytest.raises(LinkNotValid):
        LINKS.check(link, purpose, state=state, now=now + life)
    with pytest.raises(LinkNotValid):
        LINKS.check(link, Purpose.INVITATION, state=state, now=now)


async def test_a_confirmed_address_is_not_asked_to_be_confirmed(post: Post) -> None:
    user = await post.person(status=UserStatus.ACTIVE, email_verified_at=post.clock.now())
    assert await post.sent("verify", user.id) is None
    assert await post.sent("reset", user.id) is not None


@pytest.mark.parametrize("kind", PERSONAL)
async def test_who_is_gone_or_never_was_gets_nothing(post: Post, kind: MailKind) -> None:
    user = await post.person()
    user.delete(post.clock.now())
    await post.change(user)
    assert await post.sent(kind, user.id) is None
    assert await post.sent(kind, post.world.ids.new()) is None


async def test_an_invitation_names_who_invites_whereto_and_until_when(post: Post) -> None:
    shop, inviter = await post.world.found("shop"), await post.person(last_name="Souza")
    invitation = await post.invited(shop, invited_by=inviter.id, first_name="Eva")
    mail = await post.sent("invitation", invitation.id, sent="1")
    assert mail is not None
    assert mail.to == "eva@other.example"
    assert mail.subject == "Convite para shop"
    assert "Olá, Eva!" in mail.text
    assert "Ana Souza convidou você para shop" in mail.text
    assert f"{invitation.expires_at:%Y-%m-%d %H:%M}" in mail.text
    link = LINKS.read(token_of(mail, "invitation"))
    LINKS.check(link, Purpose.INVITATION, state=invitation_state(invitation), now=post.clock.now())
    assert link.expires == int(invitation.expires_at.timestamp())


async def test_an_invitation_that_is_no_longer_open_is_not_sent(post: Post) -> None:
    shop = await post.world.found("shop")
    revoked, again, old = [await post.invited(shop, email=f"eva{n}@other.example") for n in range(3)]
    revoked.revoke()
    again.send_again(post.clock.now(), by=again.invited_by)
    await post.change_invitation(shop, revoked)
    await post.change_invitation(shop, again)
    assert await post.sent("invitation", revoked.id, sent="1") is None
    assert await post.sent("invitation", again.id, sent="1") is None
    assert await post.sent("invitation", again.id, sent="2") is not None
    await post.world.advance(timedelta(days=8))
    assert await post.sent("invitation", old.id, sent="1") is None


async def test_an_invitation_is_in_the_language_of_the_invited_else_of_who_invites(post: Post) -> None:
    shop = await post.world.found("shop")
    inviter = await post.person(preferences={"language": "es-AR"})
    known = await post.person(preferences={"language": "en"})
    to_stranger = await post.invited(shop, invited_by=inviter.id)
    to_known = await post.invited(shop, invited_by=inviter.id, email=known.email)
    subjects = [
        mail.subject for one in (to_stranger, to_known) if (mail := await post.sent("invitation", one.id, sent="1"))
    ]
    assert subjects == ["Invitación a shop", "You are invited to shop"]


async def test_every_sending_of_a_job_has_one_reference_and_another_job_another(post: Post) -> None:
    user = await post.person()
    payload = {"kind": "reset", "id": str(user.id)}
    for job_id in (7, 7, 8):
        await post.run(post.claim(payload, job_id=job_id))
    first, again, other = (mail.reference for mail in post.mailer.sent)
    assert first == again != other


async def test_a_mail_server_that_is_away_is_for_the_job_to_wait_for(post: Post) -> None:
    user = await post.person()
    post.mailer.fail_next()
    with pytest.raises(Unavailable):
        await post.sent("reset", user.id)


async def test_a_lease_that_ran_out_sends_nothing(post: Post) -> None:
    user = await post.person()
    claim = replace(post.claim({"kind": "reset", "id": str(user.id)}), alive=lambda: False)
    with pytest.raises(Fenced):
        await post.run(claim)
    assert post.mailer.sent == []


@pytest.mark.parametrize("payload", [{}, {"kind": "reset"}, {"kind": "spam", "id": "x"}, {"kind": "reset", "id": "x"}])
async def test_a_job_that_nobody_understands_is_given_up(post: Post, payload: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        await post.run(post.claim(payload))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MailKind)
def test_every_mail_is_written_in_every_language_and_leaves_no_gap(kind: MailKind, language: str) -> None:
    subject, text = worded(
        kind,
        language,
        name="",
        link="https://x.example/?token=1",
        organization="",
        inviter="",
        until="2026-03-09 09:00",
    )
    assert subject
    assert "\n" not in subject
    assert not re.search(r"[{}]|  ", subject + text)
    others = {worded(kind, other, name="", link="", until="", inviter="", organization="")[1] for other in LANGUAGES}
    assert len(others) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("pt-BR", "pt"), ("en", "en"), ("ES-mx", "es"), ("de", "pt"), ("", "pt"), (None, "pt"), (7, "pt")],
)
def test_the_language_is_the_nearest_that_there_is(wanted: object, language: str) -> None:
    assert language_of(wanted) == language


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ana", "Ana"),
        ("José D'Ávila-Souza & Cia", "José D'Ávila-Souza & Cia"),
        ("win a prize: http://evil.example/x", "win a prize http evil example x"),
        ("Ana\r\n\r\nClick www.evil.example", "Ana Click www evil example"),
        ("{link}", "link"),
        ("x" * 200, "x" * 60),
        ("\u202eevil", "evil"),
    ],
)
async def test_a_name_cannot_carry_an_address_or_a_second_line_to_a_stranger(given: str, kept: str) -> None:
    assert plain_name(given) == kept
    _, text = worded(MailKind.VERIFY, "en", name=given, link="https://x.example/")
    assert text.startswith(f"Hello {kept},\n\n")
    subject, _ = worded(MailKind.INVITATION, "en", name="", link="", until="", organization=given, inviter=given)
    assert subject == f"You are invited to {kept}"
    subject, _ = worded(MailKind.INVITATION, "en", name="", link="", until="", organization=given, inviter=given)
    assert subject == f"You are invited to {kept}"
