"""The pages behind the links in mail, for installations without a frontend. They need nothing else, and act at a button press."""

import json
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from litestar import Request, Response, get
from litestar.enums import MediaType
from litestar.types import ControllerRouterHandler

from atende.inbound.http.pages.account_texts import LANGUAGES, MESSAGES, PAGES, SHARED
from atende.inbound.http.pages.docs import SECURITY_HEADERS

_FOLDER = Path(__file__).with_name("static")
HEADERS = SECURITY_HEADERS | {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Vary": "Accept-Language"}


@get("/verify-email", public=True, include_in_schema=False, sync_to_thread=False)
def verify_email_page(request: Request[Any, Any, Any]) -> Response[str]:
    return _page(request, "verify-email")


@get("/reset-password", public=True, include_in_schema=False, sync_to_thread=False)
def reset_password_page(request: Request[Any, Any, Any]) -> Response[str]:
    return _page(request, "reset-password")


@get("/invitation", public=True, include_in_schema=False, sync_to_thread=False)
def invitation_page(request: Request[Any, Any, Any]) -> Response[str]:
    return _page(request, "invitation")


@get("/account/account.js", public=True, include_in_schema=False, sync_to_thread=False)
def account_script() -> Response[str]:
    return Response(_asset("account.js"), media_type="text/javascript", headers=SECURITY_HEADERS)


@get("/account/account.css", public=True, include_in_schema=False, sync_to_thread=False)
def account_style() -> Response[str]:
    return Response(_asset("account.css"), media_type="text/css", headers=SECURITY_HEADERS)


def language_of(accepted: str) -> str:
    """The language of ours that an Accept-Language likes best; Portuguese when it likes none."""
    liked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            liked.append((-float(weight or 1), place, tag[:2].lower()))
        except ValueError:
            continue
    return next((tag for weight, _, tag in sorted(liked) if tag in LANGUAGES and weight < 0), "pt")


def _page(request: Request[Any, Any, Any], name: str) -> Response[str]:
    language = language_of(request.headers.get("accept-language", ""))
    return Response(
        rendered(name, language), media_type=MediaType.HTML, headers=HEADERS | {"Content-Language": language}
    )


@cache
def rendered(name: str, language: str) -> str:
    """The whole page."""
    said = SHARED[language] | PAGES[name][language]
    messages = MESSAGES[language] | {key: said[key] for key in ("done", "waits", "known", "gone") if key in said}
    return Template(_asset("account.html")).substitute(
        lang=language,
        page=name,
        title=escape(said["title"]),
        lead=escape(said["lead"]),
        noscript=escape(said["noscript"]),
        texts=json.dumps(messages, ensure_ascii=False).replace("<", "\\u003c"),
        forms="\n".join(_FORMS[name](said)),
    )


def _verify(said: dict[str, str]) -> list[str]:
    return [_form("verify", [], said["button"]), _again(said)]


def _reset(said: dict[str, str]) -> list[str]:
    fields = [*_new_password("reset", said["new_password"], said)]
    return [_form("reset", fields, said["button"]), _again(said)]


def _invitation(said: dict[str, str]) -> list[str]:
    joining = [
        _field("join", "firstName", said["first_name"], "given-name"),
        _field("join", "lastName", said["last_name"], "family-name"),
        *_new_password("join", said["password"], said),
    ]
    signing_in = [
        _field("signin", "email", said["email"], "email", kind="email", needed=True),
        _field("signin", "password", said["password"], "current-password", kind="password", needed=True),
    ]
    return [
        _form("join", joining, said["button"], other=("signin", said["have"])),
        _form("signin", signing_in, said["sign_in"], other=("join", said["new"]), hidden=True),
    ]


_FORMS = {"verify-email": _verify, "reset-password": _reset, "invitation": _invitation}


def _again(said: dict[str, str]) -> str:
    """To ask for another mail."""
    email = _field("again", "email", said["email"], "email", kind="email", needed=True, hint=said["again_hint"])
    return _form("again", [email], said["again"], hidden=True)


def _new_password(form: str, label: str, said: dict[str, str]) -> list[str]:
    password = _field(
        form, "password", label, "new-password", kind="password", needed=True, hint=said["password_hint"], least=10
    )
    return [password, f'<label class="check"><input type="checkbox" name="shown"> {escape(said["shown"])}</label>']


def _form(
    name: str, fields: list[str], button: str, *, other: tuple[str, str] | None = None, hidden: bool = False
) -> str:
    """Its name is what the script does with it; `other` leads to another form of the page."""
    lines = [f'<form id="{name}"{" hidden" if hidden else ""}>', *fields, f"<button>{escape(button)}</button>"]
    if other:
        lines.append(f'<button type="button" class="other" data-show="{other[0]}">{escape(other[1])}</button>')
    return "\n".join([*lines, "</form>"])


def _field(
    form: str,
    name: str,
    label: str,
    autocomplete: str,
    *,
    kind: str = "text",
    needed: bool = False,
    hint: str = "",
    least: int = 0,
) -> str:
    own = f"{form}-{name}"
    more = [f'id="{own}"', f'name="{name}"', f'type="{kind}"', f'autocomplete="{autocomplete}"']
    more += ["required"] if needed else []
    more += [f'minlength="{least}"'] if least else []
    more += [f'aria-describedby="{own}-hint"'] if hint else []
    lines = [f'<label for="{own}">{escape(label)}</label>', f"<input {' '.join(more)}>"]
    if hint:
        lines.append(f'<p class="hint" id="{own}-hint">{escape(hint)}</p>')
    return "\n".join(lines)


@cache
def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


HANDLERS: list[ControllerRouterHandler] = [
    verify_email_page,
    reset_password_page,
    invitation_page,
    account_script,
    account_style,
]
