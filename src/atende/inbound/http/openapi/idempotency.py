"""The header Idempotency-Key in the OpenAPI."""

from copy import copy
from dataclasses import replace

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIType, Operation, Parameter, RequestBody, Schema

from atende.inbound.http.errors import RESPONSE_DESCRIPTIONS

HEADER = "Idempotency-Key"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_PARAMETER = Parameter(
    name=HEADER,
    param_in="header",
    required=False,
    description=(
        "Makes it safe to repeat this request: within 24 hours, the same key with the same request gets the first response again,"
        " with the header `Idempotent-Replayed: true`, and nothing is done twice."
    ),
    schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=255, pattern="^[!-~]+$"),
)
_RESPONSES = {
    "400": RESPONSE_DESCRIPTIONS[400],
    "409": "This conflicts with the present state (`code` says how), or a request with this Idempotency-Key is still"
    " running or has taken effect.",
    "422": "The input cannot be processed (`detail` says why), or this Idempotency-Key was used for another request.",
}


def add_idempotency_key(operation: Operation, handler: HTTPRouteHandler) -> None:
    """Every operation that changes something takes the header and may refuse it. Safe ones stay as they are."""
    if handler.http_methods & SAFE_METHODS:
        return
    operation.parameters = [*(operation.parameters or []), _PARAMETER]
    responses = dict(operation.responses or {})
    like = responses.get("503")
    for status, description in _RESPONSES.items():
        if like is not None and status not in responses:
            responses[status] = replace(copy(like), description=description)
    operation.responses = dict(sorted(responses.items()))
    body = handler.parsed_fn_signature.parameters.get("data")
    if body is not None and body.default is None and isinstance(operation.request_body, RequestBody):
        # The framework does not notice that the body may be left out.
        operation.request_body = replace(operation.request_body, required=False)
