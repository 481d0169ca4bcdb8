"""Qdrant's errors as ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from atende.core.kernel import Unavailable, Unusable
from atende.outbound.breaker import Breaker


class OtherModel(Unusable):
    """The collection holds vectors of another embedding."""


@contextmanager
def qdrant_errors(breaker: Breaker) -> Iterator[None]:
    """One call. It is not made while the breaker is open; whatever keeps it from an answer is Unavailable."""
    with breaker.call():
        try:
            yield
        except UnexpectedResponse as error:
            raise Unavailable(f"Qdrant answers {error.status_code} ({error.reason_phrase})") from error
        except ResponseHandlingException as error:
            raise Unavailable(f"Qdrant does not answer: {type(error.source).__name__}") from error
        except (ApiException, httpx.HTTPError, OSError, TimeoutError) as error:
            raise Unavailable(f"Qdrant does not answer: {type(error).__name__}") from error
