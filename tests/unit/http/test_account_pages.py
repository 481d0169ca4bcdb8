"""The pages behind the links in mail: whole in themselves, in three languages, and mute until a button is pressed."""

import json
import re
from html.parser import HTMLParser

import httpx
import pytest
from litestar import Litestar

from atende.inbound.http.pages.account import HANDLERS, language_of, rendered
from atende.inbound.http.pages.account_texts import LANGUAGES, MESSAGES, PAGES, SHARED

EVERY = [(page, language) for page in PAGES for language in LANGUAGES]


class Elements(HTMLParser):
    """Start tags with their attributes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


async def fetched(path: str, language: str = "") -> httpx.Response:
    app = Litestar(HANDLERS, openapi_config=None)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # the two spell ASGI differently
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        return await client.get(path, headers={"Accept-Language": language})


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_may_load_nothing_from_elsewhere_and_tells_nobody_its_address(page: str) -> None:
    answer = await fetched(f"/{page}?token=secret.1.token", "es-MX,en;q=0.5")
    assert answer.status_code == 200
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["form-action"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert answer.headers["content-language"] == "es"
    assert "secret.1.token" not in answer.text


@pytest.mark.parametrize("path", ["/account/account.js", "/account/account.css"])
async def test_what_a_page_loads_is_there(path: str) -> None:
    answer = await fetched(path)
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert path in rendered("invitation", "en")


@pytest.mark.parametrize(("page", "language"), EVERY)
def test_every_field_has_a_label_and_every_hint_is_tied_to_its_field(page: str, language: str) -> None:
    elements = Elements(rendered(page, language))
    assert elements.all("html") == [{"lang": language}]
    ids = {attributes["id"] for _, attributes in elements.found if "id" in attributes}
    labelled = {label.get("for") for label in elements.all("label")}
    for field in elements.all("input"):
        assert field.get("type") == "checkbox" or field["id"] in labelled
        assert "aria-describedby" not in field or field["aria-describedby"] in ids
        assert field["name"] == "shown" or field["autocomplete"]
    assert [one for one in elements.all("form") if "hidden" not in one], "one form is shown"
    assert all("action" not in one for one in elements.all("form")), "without its script a form goes nowhere"


@pytest.mark.parametrize(("page", "language"), EVERY)
def test_nothing_is_left_unwritten_and_no_style_or_script_stands_in_the_page(page: str, language: str) -> None:
    text = rendered(page, language)
    assert not re.search(r"\$[a-z]|<style|\sstyle=|\son\w+=", text)
    assert re.findall(r"<script[^>]*>", text) == [
        '<script id="texts" type="application/json">',
        '<script defer src="/account/account.js">',
    ]
    said = re.search(r'type="application/json">(.*)</script>', text)
    assert said is not None
    assert {"sent", "tooMany", "notTaken", "later", "incomplete", "codes", "done"} <= set(json.loads(said[1]))
    assert ("gone" in json.loads(said[1])) is (page == "invitation"), "its page cannot send another"


@pytest.mark.parametrize("texts", [SHARED, MESSAGES, *PAGES.values()])
def test_every_language_says_as_much(texts: dict[str, dict[str, object]]) -> None:
    assert {language: set(said) for language, said in texts.items()} == {key: set(texts["pt"]) for key in LANGUAGES}
    assert all(all(said.values()) for said in texts.values())


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "pt"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        ("en-GB", "en"),
        ("de,es;q=0.8,en;q=0.9", "en"),
        ("de-DE", "pt"),
        ("en;q=0", "pt"),
        ("en;q=x, es", "es"),
        ("*" * 9_000, "pt"),
    ],
)
def test_the_language_is_the_one_that_the_browser_likes_best(accepted: str, language: str) -> None:
    assert language_of(accepted) == language
