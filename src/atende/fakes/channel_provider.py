"""What the fakes of all channel vendors have in common: customers who write, numbers of ours, and where callbacks go."""

from abc import abstractmethod

from atende.fakes.accounts import ProviderAccount
from atende.fakes.provider import FakeProvider, Written


class FakeChannelProvider(FakeProvider):
    """`window`: whether free text is refused when the customer did not write within the vendor's window."""

    window: bool

    @abstractmethod
    async def customers_write(self, *written: Written) -> list[str]:
        """Customers write to numbers of ours; the ids of their messages, which `acknowledged` holds once they were taken."""

    async def customer_writes(self, text: str, *, sender: str, number: str = "", name: str = "") -> str:
        """One customer writes one message; its id."""
        return (await self.customers_write(Written(text=text, sender=sender, number=number, name=name)))[0]

    @abstractmethod
    def add_account(self, account: ProviderAccount) -> None:
        """Makes one of our numbers known, with its secrets."""

    @abstractmethod
    def call_back(self, base_url: str, *, secret: str = "") -> None:
        """Callbacks go to the product at this address. `secret`: of the installation's own app, where the vendor has such."""

    @abstractmethod
    def set_up(self, body: bytes) -> None:
        """What another process tells about numbers and callback addresses, as JSON. Raises ValueError or msgspec.DecodeError."""
