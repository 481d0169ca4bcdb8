"""Our numbers at the fake of WhatsApp, what another process may tell it of them, and what the Graph API says of them."""

import hmac
import re
import secrets
from collections.abc import Mapping

import msgspec

from atende.fakes.loopback_server import Reply, Request, json_reply

_NODE = re.compile(r"/v\d+\.\d+/([^/]+)(?:/(phone_numbers|subscribed_apps))?")
_NO_OBJECT = (
    "Unsupported get request. Object with ID '{}' does not exist, cannot be loaded due to missing permissions, or does not"
    " support this operation."
)


class Number(msgspec.Struct, kw_only=True):
    """One of our numbers at WhatsApp. Without `access_token`, any token is accepted."""

    id: str
    display: str = "15550001111"
    business: str = "100000000000001"
    access_token: str | None = None
    app_secret: str = ""
    callback_url: str = ""
    name: str = "Loja"
    quality: str = "GREEN"


class Setup(msgspec.Struct, forbid_unknown_fields=True):
    callback_url: str | None = None
    app_secret: str | None = None
    numbers: list[Number] = []


def of_graph(request: Request, numbers: Mapping[str, Number]) -> Reply | None:
    """A number, the numbers of a business account, or the subscription of an app; None for any other address.

    A token reads the numbers that it belongs to, and `appsecret_proof` must be made with the app's secret.
    """
    route = _NODE.fullmatch(request.path)
    if route is None:
        return None
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    mine = [number for number in numbers.values() if token and (number.access_token or token) == token]
    if not mine:
        return _refused(401, 190, "Error validating access token: Session has expired")
    proof = dict(request.query).get("appsecret_proof")
    if proof is not None and proof != hmac.digest(mine[0].app_secret.encode(), token.encode(), "sha256").hex():
        return _refused(400, 100, "Invalid appsecret_proof provided in the API argument")
    node, edge = route[1], route[2]
    of_business = [number for number in mine if number.business == node]
    if edge is None and (number := next((one for one in mine if one.id == node), None)) is not None:
        return json_reply(_shown(number))
    if edge == "phone_numbers" and of_business:
        return json_reply({"data": [_shown(number) for number in of_business]})
    if edge == "subscribed_apps" and of_business:
        return json_reply({"success": True})
    return _refused(400, 100, _NO_OBJECT.format(node))


def _shown(number: Number) -> dict[str, str]:
    return {
        "id": number.id,
        "display_phone_number": f"+{number.display}",
        "verified_name": number.name,
        "quality_rating": number.quality,
    }


def _refused(status: int, code: int, message: str) -> Reply:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": secrets.token_hex(6)}
    return json_reply({"error": error}, status)
