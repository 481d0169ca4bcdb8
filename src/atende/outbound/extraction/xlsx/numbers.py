"""Numbers of a worksheet as a person sees them, by the format of their cell."""

import re
from datetime import datetime, timedelta

_BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "dd/mm/yyyy", 15: "d-mmm-yy",
    16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "dd/mm/yyyy h:mm", 37: "#,##0", 38: "#,##0",
    39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
}  # fmt: skip
_QUOTED = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]')
_IGNORED = re.compile(r"\[[^\]]*\]|_.|\*.")
_DATE = re.compile(r"[ymdhs]", re.IGNORECASE)
_CURRENCY = re.compile(r"R\$|US\$|\$|€|£|¥")
_MOST_DIGITS = 15
_LAST_DAY = 2_958_466


def built_in(number: int) -> str:
    return _BUILT_IN.get(number, "")


def shown(text: str, code: str, *, comma: bool, from_1904: bool) -> str:
    """The number as its cell shows it, but without marks between thousands. `comma`: decimals follow a comma."""
    try:
        number = float(text)
    except ValueError:
        return text
    section = code.split(";", maxsplit=1)[0]
    literals = ["".join(part for part in found if part) for found in _QUOTED.findall(section)]
    bare = _QUOTED.sub("", section)
    digits = _IGNORED.sub("", bare)
    if _DATE.search(re.sub(r"AM/PM", "", digits, flags=re.IGNORECASE)) or re.search(r"\[h+\]", bare, re.IGNORECASE):
        return _date(number, bare, from_1904=from_1904)
    if "%" in digits:
        return _decimal(f"{number * 100:.{_places(digits)}f}", comma=comma) + "%"
    plain = f"{number:.{_places(digits)}f}" if re.search(r"[0#]", digits) else _general(number)
    plain = _decimal(plain, comma=comma)
    sign = next((found for literal in [*literals, digits] if (found := _CURRENCY.search(literal))), None)
    unit = "" if sign else next((literal.strip() for literal in literals if any(c.isalpha() for c in literal)), "")
    return f"{sign.group()} {plain}" if sign else f"{plain} {unit}".strip()


def _places(digits: str) -> int:
    """How many decimals a format shows."""
    found = re.search(r"\.([0#?]+)", digits)
    return min(len(found.group(1)), _MOST_DIGITS) if found else 0


def _general(number: float) -> str:
    if number.is_integer() and abs(number) < 10**_MOST_DIGITS:
        return str(int(number))
    return f"{number:.10g}"


def _decimal(text: str, *, comma: bool) -> str:
    return text.replace(".", ",") if comma else text


def _date(number: float, code: str, *, from_1904: bool) -> str:
    """A date, a time, or both, in the order of the day first."""
    if not 0 <= number < _LAST_DAY:
        return _general(number)
    lower = re.sub(r"am/pm", "", code.lower())
    has_time = "h" in lower or "s" in lower
    has_date = any(c in lower for c in "yd") or ("m" in lower and not has_time)
    minutes = round(number * 24 * 60)
    if has_time and not has_date:
        return f"{minutes // 60:02}:{minutes % 60:02}"
    epoch = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - cells have no time zone
    moment = epoch + timedelta(minutes=minutes)
    parts = (("%d" if "d" in lower else ""), "%m", ("%Y" if "y" in lower else ""))
    day = moment.strftime("/".join(part for part in parts if part))
    return f"{day} {moment:%H:%M}" if has_time else day
