"""The contract of checks: whoever holds the secrets of a number is told so, everybody else why not, in the provider's words."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from atende.core.conversation.channel import ChannelSecrets, Connection
from atende.core.kernel import Unavailable
from atende.fakes import faults
from tests.contract.conversation.channels import OURS, TOKEN, WORLDS, HttpWorld


@pytest.fixture(params=[name for name in WORLDS if not name.startswith("fake")])
async def web(request: pytest.FixtureRequest) -> AsyncIterator[HttpWorld]:
    made: HttpWorld = WORLDS[request.param]()
    await made.open()
    yield made
    await made.close()


async def test_right_secrets_of_a_number_are_confirmed_with_its_address_and_name(web: HttpWorld) -> None:
    found = await web.channel.check(web.account)
    assert (found.connection, found.error) == (Connection.CONNECTED, None)
    assert (found.address, found.name) == (OURS, "Loja")


async def test_a_wrong_signing_secret_is_not_confirmed(web: HttpWorld) -> None:
    wrong = replace(web.account, secrets=ChannelSecrets(signing="another one", access=TOKEN))
    found = await web.channel.check(wrong)
    assert found.connection is Connection.REFUSED
    assert found.error


async def test_a_wrong_access_secret_is_not_confirmed(web: HttpWorld) -> None:
    wrong = replace(web.account, secrets=ChannelSecrets(signing=TOKEN, access="another one"))
    found = await web.channel.check(wrong)
    assert found.connection in {Connection.REFUSED, Connection.EXPIRED}
    assert found.error


async def test_somebody_elses_number_is_not_confirmed(web: HttpWorld) -> None:
    other = replace(web.account, external_id=web.account.external_id + "9")
    found = await web.channel.check(other)
    assert found.connection is Connection.REFUSED
    assert other.external_id in (found.error or "")


async def test_another_business_account_is_not_confirmed(web: HttpWorld) -> None:
    other = replace(web.account, provider_account="AC" + "1" * 32)
    assert (await web.channel.check(other)).connection is Connection.REFUSED


async def test_a_provider_that_does_not_answer_confirms_nothing_and_refuses_nothing(web: HttpWorld) -> None:
    for trouble in (faults.status(503), faults.status(429), faults.reset()):
        web.fake.faults.set(trouble)
        with pytest.raises(Unavailable):
            await web.channel.check(web.account)
        web.fake.faults.set()


async def test_secrets_that_no_header_can_carry_are_refused(web: HttpWorld) -> None:
    wrong = replace(web.account, secrets=ChannelSecrets(signing=TOKEN, access="señal"))
    assert (await web.channel.check(wrong)).connection is not Connection.CONNECTED
