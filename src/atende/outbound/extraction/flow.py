"""The stored form of a text while it is written: headings, paragraphs, list entries, tables and code, one after another."""

from collections.abc import Sequence

FENCE = "```"


class Flow:
    """Collects blocks. A list follows its first line directly; everything else is divided by an empty line."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._last = ""

    def heading(self, text: str) -> None:
        self._add("heading", " ".join(text.split()))

    def paragraph(self, text: str) -> None:
        self._add("paragraph", text.strip())

    def item(self, text: str, mark: str = "-") -> None:
        self._add("item", f"{mark} {text.strip()}" if text.strip() else "")

    def more(self, text: str) -> None:
        """A further paragraph of the last entry of a list."""
        self._add("item", text.strip())

    def table(self, lines: Sequence[str]) -> None:
        self._add("table", "\n".join(lines))

    def code(self, text: str) -> None:
        lines = text.replace(FENCE, "'''").strip("\n")
        self._add("code", f"{FENCE}\n{lines}\n{FENCE}" if lines.strip() else "")

    def text(self) -> str:
        return "".join(self._parts)

    def _add(self, kind: str, text: str) -> None:
        if not text:
            return
        follows = kind == "item" and self._last in {"item", "paragraph"}
        gap = "" if not self._parts else "\n" if follows else "\n\n"
        self._parts += [gap, text]
        self._last = kind
