"""A chat message as folded words, marks and emoji by what they express. Fast: every character is looked up in one table."""

import re
import unicodedata
from typing import Final

_EMOJI: Final = {
    "thanks": "🙏🤲",
    "ok": "👍👌✅☑🆗🤝💯👊✌🫡🤙✔🤟🤘",
    "bye": "👋",
    "joy": "🎉🥳👏🙌✨💃🕺🎊🏆💪🔥🚀🌟⭐",
    "smile": "😀😃😄😁😆😊🙂😉😇🤗😎☺😌😋",
    "love": "😍🥰❤♥💙💚💛💜🧡💕💖💗💓😻😘😗😚🌹🌷🌸💐🌻🤍🖤💞",
    "laugh": "😂🤣😅😹",
    "shame": "🙈🤦🤡😳🫣🥴🫠",
    "sad": "😭😢😞😔😥😓😩😫☹🙁💔😟😕😣😖",
    "angry": "😡😠🤬👿👎😤🖕😒🙄",
    "doubt": "🤔🤷👀🧐😬🤨❓",
}
_SIGNS: Final = {sign: f" emo{meaning} " for meaning, signs in _EMOJI.items() for sign in signs}
_MARKS: Final = dict.fromkeys("'’‘´`", "") | dict.fromkeys("…", ".") | dict.fromkeys('¿¡"“”()[]*_~', " ")
_TOKEN: Final = re.compile(r"[a-z]+|[0-9][0-9.,:/h-]*|[?!.,;:$%&@+]")
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")


class _Fold(dict[int, str]):
    """By code point; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold(chr(code))
        return folded


_TABLE: Final = _Fold()


def _fold(char: str) -> str:
    if char in _SIGNS or char in _MARKS:
        return _SIGNS.get(char) or _MARKS[char]
    category = unicodedata.category(char)
    if category in {"Mn", "Me", "Cf", "Sk"}:
        return ""
    if category == "So":
        return " emoother "
    if category[0] in "CZ":
        return "\n" if char == "\n" else " "
    return "".join(c for c in unicodedata.normalize("NFKD", char.lower()) if not unicodedata.combining(c)).lower()


def chat_form(text: str) -> str:
    """Lower case without accents and apostrophes, an emoji as a word for what it expresses, no letter more than twice in a row."""
    return _STRETCHED.sub(r"\1\1", text.translate(_TABLE))


def chat_tokens(folded: str) -> list[str]:
    return _TOKEN.findall(folded)
