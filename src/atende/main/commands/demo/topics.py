"""Questions about documents that have no script: they are made from the headings."""

from pathlib import Path
from typing import Any

_WORDS = {
    "pt": (["oi, tudo bem?", "queria saber sobre", "{}"], "e sobre {}?", "Vocês alugam foguetes para Netuno?"),
    "en": (["hi there", "I would like to know about", "{}"], "and what about {}?", "Do you rent rockets to Neptune?"),
    "es": (["hola, buenas", "quería saber sobre", "{}"], "¿y sobre {}?", "¿Alquilan cohetes a Neptuno?"),
}
_PERSON = {
    "pt": "quero falar com um atendente",
    "en": "I want to talk to a person",
    "es": "quiero hablar con una persona",
}
_FAREWELL = {"pt": "era só isso, obrigada!", "en": "that's all, thank you!", "es": "eso es todo, ¡gracias!"}


def script_for(script: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The demo's script, with its customers asking about the files in this folder."""
    from atende.core.language.detect import guess_language

    files = [file for file in sorted(folder.iterdir()) if file.is_file()]
    texts = [
        file.read_text(encoding="utf-8", errors="replace") for file in files if file.suffix.lower() in {".md", ".txt"}
    ]
    language = guess_language("\n".join(texts)[:20_000], script["language"])
    topics = [topic for text in texts for topic in _headings(text)][:40] or [
        file.stem.replace("-", " ") for file in files
    ]
    first, second = topics[0], topics[len(topics) // 2]
    burst, follow_up, unknown = _WORDS[language]
    turns = [
        [
            {"messages": [line.format(first) for line in burst]},
            {"messages": [follow_up.format(second)]},
            {"messages": [_FAREWELL[language]]},
        ],
        [{"messages": [unknown]}, {"messages": [_PERSON[language]]}],
    ]
    customers = [customer | {"turns": asked} for customer, asked in zip(script["customers"], turns, strict=False)]
    return script | {"language": language, "customers": customers}


def _headings(text: str) -> list[str]:
    """Markdown headings below the title; else short lines that end without a full stop."""
    lines = [line.strip() for line in text.splitlines()]
    marked = [line.lstrip("# ").strip() for line in lines if line.startswith("##")]
    plain = [
        line.rstrip(":")
        for line in lines
        if 4 < len(line) < 50 and line[-1].isalnum() and not line.startswith(("-", "*", "#"))
    ]
    return marked or plain
