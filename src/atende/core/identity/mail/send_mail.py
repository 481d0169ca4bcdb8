"""Sending a mail to a person. Its text is created when it is sent, so that no job contains a secret link."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from atende.core.identity.mail.texts import MailKind, language_of, worded
from atende.core.identity.model import Invitation, User, UserStatus
from atende.core.identity.ports import Memberships, People
from atende.core.identity.signed_tokens import Links, Purpose, invitation_state, state_for
from atende.core.kernel import PLATFORM, Clock, Invalid, NotFound, TenantScope, Transaction
from atende.core.mail.model import Mail
from atende.core.mail.ports import Mailer
from atende.core.tenancy.ports import Organizations
from atende.core.work.model import Claim

VERIFY_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=1)
_LINKED = {MailKind.VERIFY: (Purpose.VERIFY_EMAIL, VERIFY_LIFE), MailKind.RESET: (Purpose.RESET_PASSWORD, RESET_LIFE)}


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages to which links in mails lead: `address` followed by the name of the purpose."""

    address: str

    def link(self, purpose: Purpose, token: str | None = None) -> str:
        """Without a token, the page where such a link can be requested."""
        page = f"{self.address.rstrip('/')}/{purpose}"
        return page if token is None else f"{page}?{urlencode({'token': token})}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail:
    """Sends a mail unless it is obsolete: an address that was confirmed meanwhile needs no link, nor does an invitation that was
    revoked, accepted or sent again. It is sent at least once; a repeated mail has the same Message-ID.
    """

    people: People
    memberships: Memberships
    organizations: Organizations
    transaction: Transaction
    mailer: Mailer
    links: Links
    pages: Pages
    clock: Clock

    async def __call__(self, claim: Claim) -> None:
        """Raises Retryable, and Invalid for an impossible address or a payload that is not valid."""
        try:
            kind, subject = MailKind(claim.payload["kind"]), claim.id("id")
        except (KeyError, ValueError) as error:
            raise Invalid("the payload of this mail job needs `kind` and `id`") from error
        if kind is MailKind.INVITATION:
            written = await self._invitation(claim.scope, subject, claim.payload.get("sent"))
        else:
            await self._require_ours(claim.scope, subject)
            written = await self._personal(kind, subject)
        if written is not None:
            to, title, text = written
            claim.check()
            await self.mailer.send(Mail(to=to, subject=title, text=text, reference=f"{kind}/{subject}/{claim.job_id}"))

    async def _require_ours(self, scope: TenantScope, user_id: UUID) -> None:
        """A job of an organization can only write to its own members. Raises NotFound."""
        if scope != PLATFORM.scope:
            async with self.transaction(scope):
                await self.memberships.get(scope, user_id)

    async def _personal(self, kind: MailKind, user_id: UUID) -> tuple[str, str, str] | None:
        user = await self.people.by_id(user_id)
        if user is None or not _concerns(kind, user):
            return None
        link = self.pages.link(Purpose.RESET_PASSWORD)
        if kind in _LINKED:
            purpose, life = _LINKED[kind]
            expires_at = self.clock.now() + life
            token = self.links.make(purpose, user.id, state=state_for(purpose, user), expires_at=expires_at)
            link = self.pages.link(purpose, token)
        language = language_of(user.preferences.get("language"))
        return user.email, *worded(kind, language, name=user.first_name, link=link)

    async def _invitation(self, job: TenantScope, invitation_id: UUID, sent: str | None) -> tuple[str, str, str] | None:
        invitation = await self.people.invitation(invitation_id)
        if invitation is not None and job.organization_id not in {invitation.organization_id, PLATFORM.organization_id}:
            raise NotFound("no such invitation")
        if invitation is None or not invitation.is_open(self.clock.now()) or sent not in {None, str(invitation.sent)}:
            return None
        scope = TenantScope(invitation.organization_id)
        try:
            async with self.transaction(scope):
                organization = await self.organizations.get(scope)
        except NotFound:
            return None
        inviter = await self.people.by_id(invitation.invited_by) if invitation.invited_by else None
        token = self.links.make(
            Purpose.INVITATION,
            invitation.id,
            state=invitation_state(invitation),
            expires_at=invitation.expires_at,
        )
        title, text = worded(
            MailKind.INVITATION,
            await self._language(invitation, inviter),
            name=invitation.first_name,
            link=self.pages.link(Purpose.INVITATION, token),
            organization=organization.name,
            inviter=inviter.name if inviter else "",
            until=f"{invitation.expires_at:%Y-%m-%d %H:%M}",
        )
        return invitation.email, title, text

    async def _language(self, invitation: Invitation, inviter: User | None) -> str:
        """The language of the invited user if they have an account, else that of the inviter."""
        known = await self.people.by_email(invitation.email) or inviter
        return language_of(known.preferences.get("language") if known else None)


def _concerns(kind: MailKind, user: User) -> bool:
    """Whether the mail is still of use to this user."""
    if kind is MailKind.REGISTERED_AGAIN:
        return user.status not in {UserStatus.DELETED, UserStatus.ANONYMIZED}
    return user.may_sign_in and (kind is not MailKind.VERIFY or user.email_verified_at is None)
