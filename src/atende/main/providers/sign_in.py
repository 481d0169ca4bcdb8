"""How people and programs prove who they are: passwords, tokens, and how often they may try."""

from datetime import timedelta
from pathlib import Path

from dishka import Provider, Scope, provide, provide_all

from atende.core.audit.ports import AuditLog
from atende.core.credits.welcome_credits import WelcomeCredits
from atende.core.identity.accounts.change_password import ChangePassword, ConfirmPassword
from atende.core.identity.accounts.delete_account import AnonymizeUsers, DeleteAccount
from atende.core.identity.accounts.enrol import Enrol
from atende.core.identity.accounts.export_account import ExportAccount
from atende.core.identity.accounts.login_limits import LoginLimits, LoginRates
from atende.core.identity.accounts.profile import ReadProfile, UpdateProfile
from atende.core.identity.accounts.refresh import Refresh
from atende.core.identity.accounts.register import Register
from atende.core.identity.accounts.sign_in import SignIn
from atende.core.identity.accounts.sign_out import ListSessions, SignOut, SignOutEverywhere
from atende.core.identity.accounts.switch import Switch
from atende.core.identity.accounts.tokens import IssueTokens
from atende.core.identity.mail.links import RequestMail, ResetPassword, VerifyEmail
from atende.core.identity.ports import (
    AccessTokens,
    Memberships,
    PasswordHasher,
    People,
    Sessions,
    Users,
    WelcomeGift,
)
from atende.core.identity.signed_tokens import RefreshTokens
from atende.core.kernel import Clock, Ids, Invalid, Transaction
from atende.core.tenancy.found_organization import FoundOrganization
from atende.core.tenancy.ports import Organizations, TenantNames
from atende.core.work.ports import Jobs
from atende.main.providers.derived_keys import derived_keys
from atende.main.settings import Settings, SettingsError, seconds_of
from atende.outbound.security.jwt import JwtAccessTokens, SigningKey, hs256, rs256
from atende.outbound.security.passwords import Argon2id, Bcrypt, ThreadedPasswordHasher


class SigningIn(Provider):
    """The use cases of accounts, and what they are made of."""

    scope = Scope.REQUEST

    session_uses = provide_all(Refresh, SignOut, SignOutEverywhere, ListSessions, Switch)
    mail_uses = provide_all(RequestMail, VerifyEmail, ResetPassword)
    account_uses = provide_all(ReadProfile, UpdateProfile, ChangePassword, ConfirmPassword, DeleteAccount)
    more_uses = provide_all(ExportAccount, AnonymizeUsers, Enrol)
    gift = provide(WelcomeCredits, provides=WelcomeGift)
    issue = provide(IssueTokens, scope=Scope.APP)
    limits = provide(LoginLimits, scope=Scope.APP)

    @provide
    def sign_in(
        self,
        people: People,
        users: Users,
        memberships: Memberships,
        sessions: Sessions,
        passwords: PasswordHasher,
        tokens: IssueTokens,
        limits: LoginLimits,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
        ids: Ids,
        settings: Settings,
    ) -> SignIn:
        return SignIn(
            people=people,
            users=users,
            memberships=memberships,
            sessions=sessions,
            passwords=passwords,
            tokens=tokens,
            limits=limits,
            audit=audit,
            transaction=transaction,
            clock=clock,
            ids=ids,
            verified_only=settings.email_verification == "required",
        )

    @provide
    def register(
        self,
        people: People,
        users: Users,
        organizations: Organizations,
        memberships: Memberships,
        sessions: Sessions,
        names: TenantNames,
        found: FoundOrganization,
        gift: WelcomeGift,
        passwords: PasswordHasher,
        tokens: IssueTokens,
        limits: LoginLimits,
        jobs: Jobs,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
        ids: Ids,
        settings: Settings,
    ) -> Register:
        return Register(
            people=people,
            users=users,
            organizations=organizations,
            memberships=memberships,
            sessions=sessions,
            names=names,
            found=found,
            gift=gift,
            passwords=passwords,
            tokens=tokens,
            limits=limits,
            jobs=jobs,
            audit=audit,
            transaction=transaction,
            clock=clock,
            ids=ids,
            verified_only=settings.email_verification == "required",
        )

    @provide(scope=Scope.APP)
    def rates(self, settings: Settings) -> LoginRates:
        return LoginRates(address=settings.login_per_address, account=settings.login_per_account)

    @provide(scope=Scope.APP)
    def passwords(self, settings: Settings) -> PasswordHasher:
        bcrypt, argon = Bcrypt(settings.password_cost), Argon2id()
        schemes = (argon, bcrypt) if settings.password_hash == "argon2" else (bcrypt, argon)  # noqa: S105
        return ThreadedPasswordHasher(*schemes)

    @provide(scope=Scope.APP)
    def access_tokens(self, settings: Settings) -> AccessTokens:
        return JwtAccessTokens(
            signing_keys(settings),
            issuer=settings.jwt_issuer or settings.public_url or "atende",
            audience=settings.jwt_audience,
            life=timedelta(seconds=seconds_of("JWT_EXPIRES_IN", settings.jwt_expires_in)),
        )

    @provide(scope=Scope.APP)
    def refresh_tokens(self, settings: Settings) -> RefreshTokens:
        if not settings.jwt_refresh_secret:
            return RefreshTokens(derived_keys(settings, "refresh-tokens"))
        given = [settings.jwt_refresh_secret, *_several(settings.jwt_refresh_secrets_previous)]
        return RefreshTokens(tuple(secret.encode() for secret in given))


def signing_keys(settings: Settings) -> list[SigningKey]:
    """The one that signs, and those that only check. Raises SettingsError."""
    try:
        older = [hs256(secret) for secret in _several(settings.jwt_secrets_previous)]
        older += [rs256(_pem("JWT_PUBLIC_KEYS_PREVIOUS", one)) for one in _several(settings.jwt_public_keys_previous)]
        if settings.jwt_algorithm == "RS256":
            newest = rs256(_pem("JWT_PRIVATE_KEY", settings.jwt_private_key))
            if newest.sign is None:
                raise SettingsError("JWT_PRIVATE_KEY is a public key: give the private one")
            return [newest, *older]
        if settings.jwt_secret:
            return [hs256(settings.jwt_secret), *older]
        return [*(hs256(key.hex()) for key in derived_keys(settings, "access-tokens")), *older]
    except Invalid as error:
        raise SettingsError(f"a key for access tokens: {error.detail}") from error


def _pem(name: str, text: str) -> str:
    """The key itself, or what the file of this name holds."""
    if "-----BEGIN" in text:
        return text.replace("\\n", "\n")
    try:
        return Path(text).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name} is neither a key in PEM nor a file with one") from error


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
