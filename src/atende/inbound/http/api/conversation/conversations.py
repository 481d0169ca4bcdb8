"""Conversations and their messages over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import getdoc
from typing import Annotated, Any, TypeVar
from uuid import UUID

from dishka import FromDishka
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from atende.core.conversation.attend import GiveBack, TakeOver
from atende.core.conversation.model import Attendance, ReplyInFlight
from atende.core.conversation.ports import Conversations, Messages
from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import Page, TenantScope, Transaction
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.conversation.wire import (
    ConversationOut,
    ConversationStatusName,
    MessageOut,
    conversation_out,
)
from atende.inbound.http.errors import problems
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire.pages import PageOut, PageRequest

T = TypeVar("T")


class ConversationsController(ApiController):
    """Conversations and their messages."""

    path = "/conversations"
    tags = ("conversations",)

    @get(
        permission=Permission.CONVERSATIONS_READ,
        summary="List conversations",
        description="Ordered by the latest message, newest first. `attendance=waiting_human` lists the conversations"
        " that wait for a person. A new message moves its conversation to the first page, even while you"
        " are paging.",
        response_description="One page of conversations.",
    )
    async def list_conversations(
        self,
        read_scope: NamedDependency[TenantScope],
        conversations: FromDishka[Conversations],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
        status: Annotated[
            ConversationStatusName | None,
            QueryParameter(
                description="Only conversations with this status. `progress` stands for `active`, `completed` for `closed`."
            ),
        ] = None,
        attendance: Annotated[
            Attendance | None, QueryParameter(description="Only conversations that are attended by this party.")
        ] = None,
    ) -> PageOut[ConversationOut]:
        canonical_status = None if status is None else status.canonical
        async with transaction(read_scope):
            found = await conversations.page(
                read_scope,
                **page_request.arguments,
                status=canonical_status,
                attendance=attendance,
            )
        return page_request.respond(found, conversation_out)

    @get(
        "/{conversation_id:uuid}",
        permission=Permission.CONVERSATIONS_READ,
        summary="Get a conversation",
        description="Its status, who attends it, and why it was closed.",
        response_description="The conversation.",
    )
    async def get_conversation(
        self,
        conversation_id: FromPath[UUID],
        read_scope: NamedDependency[TenantScope],
        conversations: FromDishka[Conversations],
        transaction: FromDishka[Transaction],
    ) -> ConversationOut:
        async with transaction(read_scope):
            return conversation_out(await conversations.get(read_scope, conversation_id))

    @get(
        "/{conversation_id:uuid}/messages",
        permission=Permission.CONVERSATIONS_READ,
        summary="List the messages of a conversation",
        description="In the order of the conversation, oldest first.",
        response_description="One page of messages.",
    )
    async def list_messages(
        self,
        conversation_id: FromPath[UUID],
        read_scope: NamedDependency[TenantScope],
        conversations: FromDishka[Conversations],
        messages: FromDishka[Messages],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
    ) -> PageOut[MessageOut]:
        before = (page_request.page - 1) * page_request.limit if page_request.after is None else int(page_request.after)
        async with transaction(read_scope):
            conversation = await conversations.get(read_scope, conversation_id)
            scope = conversation.owner.scope  # its tenant, with which the index of messages begins
            later = await messages.of(scope, conversation_id, after_seq=before, first=page_request.limit + 1)
        shown = later[: page_request.limit]
        following = str(shown[-1].seq) if len(later) > page_request.limit else None
        found = Page(shown, page_request.page, page_request.limit, conversation.last_seq, following)
        return page_request.respond(found, MessageOut.of)

    @post(
        "/{conversation_id:uuid}/takeover",
        status_code=200,
        permission=Permission.CONVERSATIONS_ATTEND,
        summary="Take over a conversation",
        description=getdoc(TakeOver),
        response_description="The conversation, which a person attends now.",
        responses=problems(409, ReplyInFlight),
    )
    async def take_over_conversation(
        self,
        conversation_id: FromPath[UUID],
        request: Request[Principal, Any, Any],
        read_scope: NamedDependency[TenantScope],
        options: NamedDependency[WebOptions],
        conversations: FromDishka[Conversations],
        transaction: FromDishka[Transaction],
        take: FromDishka[TakeOver],
    ) -> ConversationOut:
        async with transaction(read_scope):
            scope = (await conversations.get(read_scope, conversation_id)).owner.scope
        taken = await retry_while_in_flight(
            lambda: take(scope, conversation_id, by=str(request.user.actor)),
            timeout=options.takeover_timeout,
            interval=options.takeover_retry_interval,
        )
        return conversation_out(taken)

    @post(
        "/{conversation_id:uuid}/give-back",
        status_code=200,
        permission=Permission.CONVERSATIONS_ATTEND,
        summary="Return a conversation to the agent",
        description=getdoc(GiveBack),
        response_description="The conversation, which the agent attends now.",
        responses=problems(409),
    )
    async def return_conversation_to_agent(
        self,
        conversation_id: FromPath[UUID],
        request: Request[Principal, Any, Any],
        read_scope: NamedDependency[TenantScope],
        conversations: FromDishka[Conversations],
        transaction: FromDishka[Transaction],
        give: FromDishka[GiveBack],
    ) -> ConversationOut:
        async with transaction(read_scope):
            scope = (await conversations.get(read_scope, conversation_id)).owner.scope
        return conversation_out(await give(scope, conversation_id, by=str(request.user.actor)))


async def retry_while_in_flight(attempt: Callable[[], Awaitable[T]], *, timeout: float, interval: float) -> T:
    """Retries every `interval` seconds while a reply is being sent, for at most `timeout` seconds. Then raises ReplyInFlight."""
    clock = asyncio.get_running_loop().time
    until = clock() + timeout
    while True:
        try:
            return await attempt()
        except ReplyInFlight:
            if clock() + interval > until:
                raise
        await asyncio.sleep(interval)
