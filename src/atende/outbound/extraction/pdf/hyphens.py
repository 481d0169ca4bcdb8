"""Words that are broken at the end of a line."""

import re

from atende.core.language.lexicon import word_set

_ENDS = word_set("""
    feira feiras se lo la los las lhe lhes me te nos vos o a os as mail line site roupa chuva mor diretor presidente refeição
    transporte alimentação brinde vindo vinda known time term level end quality speed free based related friendly fi
""")
"""Second halves that follow a hyphen in compound words and behind verbs."""
_BEGINS = word_set("""
    guarda segunda terça quarta quinta sexta bem recém ex vice pós pré pró além aquém meio meia vale décimo décima saca sócio médico
    luso afro anglo sul norte não self non full cross third half e
""")
"""First halves that a hyphen follows."""
_PAIRS = frozenset({
    ("check", "in"), ("check", "out"), ("log", "in"), ("sign", "up"), ("sign", "in"), ("follow", "up"), ("start", "up"),
    ("back", "up"), ("on", "site"), ("opt", "out"), ("opt", "in"), ("pick", "up"), ("plug", "in"), ("stand", "by"),
})  # fmt: skip
_NEITHER = frozenset(
    {("pré", "dio"), ("pré", "dios"), ("pré", "via"), ("pré", "vias"), ("pré", "vio"), ("meio", "s"), ("ex", "tra")}
)
_LONGEST = 120
_TAIL = re.compile(r"(\S+)-$")
_HEAD = re.compile(r"\S+")
_ADDRESS = re.compile(r"@|://|^www\.|\w\.(?:com|net|org|gov|edu|io|br|app|pt|es)(?:[./]|$)|/\w", re.IGNORECASE)
_CODE = re.compile(r"\d|^[A-ZÀ-Ý]+$|[_/\\=]")
_WORD = re.compile(r"[\w-]+")


def vocabulary(lines: list[str]) -> set[str]:
    """The words of a document, which tell how a broken word is written elsewhere."""
    return {word for line in lines for word in _WORD.findall(line.lower()) if not word.endswith("-")}


def joined(before: str, after: str, known: set[str]) -> str:
    """Two lines of a paragraph as one, with a word that is broken between them whole again."""
    if not before.endswith("-"):
        return f"{before} {after}"
    tail, head = _TAIL.search(before[-_LONGEST:]), _HEAD.match(after)
    if tail is None or head is None or not (tail.group(1)[-1:].isalnum() and head.group()[:1].isalnum()):
        return f"{before} {after}"
    return (before if _is_kept(tail.group(1), head.group(), known) else before[:-1]) + after


def _is_kept(first: str, rest: str, known: set[str]) -> bool:
    """Whether the hyphen belongs to the word."""
    if _ADDRESS.search(first) or _ADDRESS.search(rest.rstrip(".,;:)")):
        return True
    begin, end = _last(first), _first(rest)
    if _CODE.search(begin) or not end[:1].islower() or _CODE.search(end):
        return True
    if begin.lower() + end in known:
        return False
    if f"{begin.lower()}-{end}" in known:
        return True
    pair = (begin.lower(), end)
    return pair in _PAIRS or ((end in _ENDS or pair[0] in _BEGINS) and pair not in _NEITHER)


def _last(token: str) -> str:
    return re.split(r"[^\w]", token)[-1]


def _first(token: str) -> str:
    found = re.match(r"\w+", token)
    return found.group() if found else ""
