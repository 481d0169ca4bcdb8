"""The policies of the core, filled from settings."""

from datetime import timedelta

from dishka import Provider, Scope, provide

from atende.core.audit.model import Origin
from atende.core.conversation.closure.detector import ClosureDetector, closure_detector
from atende.core.conversation.turn.policy import TurnPolicy
from atende.core.credits.welcome_credits import WelcomeCredits
from atende.core.identity.accounts.login_limits import LoginRates
from atende.core.identity.accounts.policy import AccountPolicy
from atende.core.identity.api_key import Brand
from atende.core.identity.keys.provider_keys import AiProvider, ProviderSecret
from atende.core.identity.keys.resolve_provider_key import PlatformKeys
from atende.core.identity.members.seats import SeatPolicy
from atende.core.identity.ports import WelcomeGift
from atende.core.knowledge.screening import LinkPolicy, Screen
from atende.core.knowledge.store_file import UploadPolicy
from atende.main.settings import Settings, listed


class Policies(Provider):
    scope = Scope.APP

    gift = provide(WelcomeCredits, provides=WelcomeGift, scope=Scope.REQUEST)

    @provide(scope=Scope.REQUEST)
    def origin(self) -> Origin:
        """That of jobs and of the command line; the HTTP edge fills it in before a use case is built."""
        return Origin()

    @provide
    def detector(self, settings: Settings) -> ClosureDetector:
        return closure_detector(settings.closure_strategy)

    @provide
    def turns(self, settings: Settings) -> TurnPolicy:
        return TurnPolicy(
            max_age=timedelta(seconds=settings.turn_max_age),
            doubt=timedelta(seconds=settings.send_doubt),
            min_score=settings.turn_min_score,
        )

    @provide
    def screen(self, settings: Settings) -> Screen:
        """Its parsers are imported when it is made, not before."""
        from atende.outbound.links import ParsedLinks

        hosts = frozenset(listed(settings.answer_link_hosts))
        return Screen(ParsedLinks(), LinkPolicy(hosts, quoted=settings.answer_links == "quoted"))

    @provide
    def uploads(self, settings: Settings) -> UploadPolicy:
        return UploadPolicy(largest_bytes=settings.max_upload_bytes)

    @provide
    def accounts(self, settings: Settings) -> AccountPolicy:
        return AccountPolicy(verified_only=settings.email_verification == "required")

    @provide
    def login_rates(self, settings: Settings) -> LoginRates:
        return LoginRates(address=settings.login_per_address, account=settings.login_per_account)

    @provide
    def seats(self, settings: Settings) -> SeatPolicy:
        return SeatPolicy(enforce_plan=settings.enforce_plan_seats)

    @provide
    def brand(self, settings: Settings) -> Brand:
        return Brand(settings.api_key_brand)

    @provide
    def platform_keys(self, settings: Settings) -> PlatformKeys:
        """The installation's own keys at AI providers, used for organizations that have none."""
        given = {
            AiProvider.OPENAI: settings.openai_api_key,
            AiProvider.FREEPIK: settings.freepik_api_key,
            AiProvider.REPLICATE: settings.replicate_api_token,
            AiProvider.ELEVENLABS: settings.elevenlabs_api_key,
        }
        return PlatformKeys({provider: ProviderSecret(text) for provider, text in given.items() if text})
