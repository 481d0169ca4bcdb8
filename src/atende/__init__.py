"""AI customer conversations: one checked answer per customer turn, every credit accounted for.

`async with atende.app() as product:` runs the product in this process; see `atende.main.library`.
"""

from contextlib import AbstractAsyncContextManager
from typing import Any

__all__ = ["app"]


def app(*arguments: Any, **settings: Any) -> AbstractAsyncContextManager[Any]:
    """The product in this process: `atende.main.library.app`, imported when it is called."""
    from atende.main.library import app as make

    return make(*arguments, **settings)
