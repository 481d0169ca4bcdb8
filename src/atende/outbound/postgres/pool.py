"""Connections for single statements: for named functions that work across tenants, and for what needs no unit of work."""

import asyncpg


def make_pool(url: str, *, size: int) -> "asyncpg.Pool[asyncpg.Record]":
    """A pool that opens its connections as they are needed. It is an asynchronous context manager.

    A connection goes back without a question to the server: nobody here sets anything for longer than a transaction, and an
    open transaction is rolled back by asyncpg itself. Otherwise every statement would cost a second round trip.
    """
    return asyncpg.create_pool(url, min_size=1, max_size=size, reset=_as_it_is)


async def _as_it_is(_: object) -> None:
    return
