"""The pages that links in mails lead to, for installations without a frontend. Opening one changes nothing: its button does."""

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
    """The best of our languages for an Accept-Language header; Portuguese if none is accepted."""
    weights: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weights.append((-float(weight or 1), place, tag[:2].lower()))
        except ValueError:
            continue
    return next((tag for weight, _, tag in sorted(weights) if tag in LANGUAGES and weight < 0), "pt")


def _page(request: Request[Any, Any, Any], name: str) -> Response[str]:
    language = language_of(request.headers.get("accept-language", ""))
    return Response(
        rendered(name, language), media_type=MediaType.HTML, headers=HEADERS | {"Content-Language": language}
    )


@cache
def rendered(name: str, language: str) -> str:
    """The whole page."""
    texts = SHARED[language] | PAGES[name][language]
    messages = MESSAGES[language] | {key: texts[key] for key in ("done", "waits", "known", "gone") if key in texts}
    return Template(_asset("account.html")).substitute(
        lang=language,
        page=name,
        title=escape(texts["title"]),
        lead=escape(texts["lead"]),
        noscript=escape(texts["noscript"]),
        texts=json.dumps(messages, ensure_ascii=False).replace("<", "\\u003c"),
        forms="\n".join(_FORMS[name](texts)),
    )


def _verify(texts: dict[str, str]) -> list[str]:
    return [_form("verify", [], texts["button"]), _resend_form(texts)]


def _reset(texts: dict[str, str]) -> list[str]:
    fields = [*_new_password("reset", texts["new_password"], texts)]
    return [_form("reset", fields, texts["button"]), _resend_form(texts)]


def _invitation(texts: dict[str, str]) -> list[str]:
    joining = [
        _field("join", "firstName", texts["first_name"], "given-name"),
        _field("join", "lastName", texts["last_name"], "family-name"),
        *_new_password("join", texts["password"], texts),
    ]
    signing_in = [
        _field("signin", "email", texts["email"], "email", kind="email", required=True),
        _field("signin", "password", texts["password"], "current-password", kind="password", required=True),
    ]
    return [
        _form("join", joining, texts["button"], other=("signin", texts["have"])),
        _form("signin", signing_in, texts["sign_in"], other=("join", texts["new"]), hidden=True),
    ]


_FORMS = {"verify-email": _verify, "reset-password": _reset, "invitation": _invitation}


def _resend_form(texts: dict[str, str]) -> str:
    """The form that requests another mail."""
    email = _field("again", "email", texts["email"], "email", kind="email", required=True, hint=texts["again_hint"])
    return _form("again", [email], texts["again"], hidden=True)


def _new_password(form: str, label: str, texts: dict[str, str]) -> list[str]:
    password = _field(
        form,
        "password",
        label,
        "new-password",
        kind="password",
        required=True,
        hint=texts["password_hint"],
        min_length=10,
    )
    return [password, f'<label class="check"><input type="checkbox" name="shown"> {escape(texts["shown"])}</label>']


def _form(
    name: str, fields: list[str], button: str, *, other: tuple[str, str] | None = None, hidden: bool = False
) -> str:
    """The script acts by its name. `other`: name and label of the form to switch to."""
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
    required: bool = False,
    hint: str = "",
    min_length: int = 0,
) -> str:
    own = f"{form}-{name}"
    more = [f'id="{own}"', f'name="{name}"', f'type="{kind}"', f'autocomplete="{autocomplete}"']
    more += ["required"] if required else []
    more += [f'minlength="{min_length}"'] if min_length else []
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
