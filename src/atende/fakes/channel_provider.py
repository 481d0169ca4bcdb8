"""The base class of fakes of channel vendors: customers' messages, our numbers, and addresses of callbacks."""

from abc import abstractmethod

from atende.fakes.accounts import ProviderAccount
from atende.fakes.provider import FakeProvider, Written


class FakeChannelProvider(FakeProvider):
    """`window`: whether free text is refused if the customer has not written within the vendor's time window."""

    window: bool

    @abstractmethod
    async def customers_write(self, *written: Written) -> list[str]:
        """Customers write to our numbers. Returns the ids of their messages, which are in `acknowledged` after a 2xx."""

    async def customer_writes(self, text: str, *, sender: str, number: str = "", name: str = "") -> str:
        """A customer writes one message. Returns its id."""
        return (await self.customers_write(Written(text=text, sender=sender, number=number, name=name)))[0]

    @abstractmethod
    def add_account(self, account: ProviderAccount) -> None:
        """Registers one of our numbers, with its secrets."""

    @abstractmethod
    def call_back(self, base_url: str, *, secret: str = "") -> None:
        """Sends callbacks to the product at this address. `secret`: that of the installation's own app, if the vendor has one."""

    @abstractmethod
    def set_up(self, body: bytes) -> None:
        """Sets numbers and callback addresses from JSON of another process. Raises ValueError or msgspec.DecodeError."""
