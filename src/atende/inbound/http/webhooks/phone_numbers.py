"""One spelling for each customer address, so that one person is one contact."""

import re

_PLAIN = re.compile(r"(?:whatsapp:)?\+?([1-9][0-9]{7,14})", re.ASCII)
_SHORT_CODE = re.compile(r"[0-9]{3,7}", re.ASCII)
_SENDER_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 _&+-]{1,11}", re.ASCII)
_PUNCTUATED = re.compile(r"\+[0-9 ().\u00a0/-]{7,30}", re.ASCII)
_USER_ID = re.compile(r"[A-Z]{2}(?:\.ENT)?\.[A-Za-z0-9]{1,128}", re.ASCII)

_BRAZIL_WITHOUT_NINTH = 12
_MEXICO_WITH_ONE = 13


class BadAddress(ValueError):
    """This is neither a phone number nor anything else that a channel can write to."""


def canonical(address: str) -> str:
    """The address in E.164 (`+5511987654321`); short codes, sender names and WhatsApp user ids stay as they are.

    Providers give international numbers with or without `+` and `whatsapp:`. Brazilian mobile numbers get their ninth
    digit, which WhatsApp leaves out for older accounts, and Mexican ones lose the `1` that it puts in. Raises BadAddress.
    """
    if plain := _PLAIN.fullmatch(address):
        return "+" + _as_dialled(plain[1])
    text = address.removeprefix("whatsapp:").strip()
    if _USER_ID.fullmatch(text) or _SHORT_CODE.fullmatch(text) or _SENDER_NAME.fullmatch(text):
        return text
    return "+" + _as_dialled(_digits(text))


def _as_dialled(digits: str) -> str:
    if digits.startswith("55") and len(digits) == _BRAZIL_WITHOUT_NINTH and digits[4] in "6789":
        return f"{digits[:4]}9{digits[4:]}"
    if digits.startswith("521") and len(digits) == _MEXICO_WITH_ONE:
        return f"52{digits[3:]}"
    return digits


def _digits(text: str) -> str:
    if not _PUNCTUATED.fullmatch(text):
        raise BadAddress(f"{text[:40]!r} is not a phone number in international form")
    import phonenumbers

    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        raise BadAddress(f"{text[:40]!r} is not a phone number") from error
    if not phonenumbers.is_possible_number(number):
        raise BadAddress(f"{text[:40]!r} is not a possible phone number")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))[1:]
