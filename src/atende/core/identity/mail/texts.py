"""The texts of mails to people, in their language."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class MailKind(StrEnum):
    """The kind of a mail, which is `kind` in the payload of its job."""

    VERIFY = "verify"
    RESET = "reset"
    INVITATION = "invitation"
    REGISTERED_AGAIN = "registered_again"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  a word, not a password
    SESSION_REUSED = "session_reused"
    REINDEXED = "reindexed"


@dataclass(frozen=True, slots=True)
class Wording:
    """A template with the fields `{link}`, `{organization}`, `{inviter}` and `{until}`."""

    subject: str
    body: str


LANGUAGES = ("pt", "en", "es")
_GREETINGS = {
    "pt": ("Olá, {name}!", "Olá!"),
    "en": ("Hello {name},", "Hello,"),
    "es": ("Hola, {name}:", "Hola:"),
}
_SOMEBODY = {"pt": "Alguém da equipe", "en": "Somebody on the team", "es": "Alguien del equipo"}
_NAMELESS = {"pt": "uma equipe", "en": "a team", "es": "un equipo"}
_ASK = {
    "pt": "Pedir uma nova senha: {link}",
    "en": "Ask for a new password: {link}",
    "es": "Pedir una contraseña nueva: {link}",
}
_LONGEST_NAME = 60

_WORDINGS: dict[MailKind, dict[str, Wording]] = {
    MailKind.VERIFY: {
        "pt": Wording(
            "Confirme o seu e-mail",
            "Falta só um passo: confirme que este endereço é seu.\n\n{link}\n\n"
            "O link vale por 7 dias. Se você não criou uma conta, apague esta mensagem: nada mais acontece.",
        ),
        "en": Wording(
            "Confirm your e-mail address",
            "One step is left: confirm that this address is yours.\n\n{link}\n\n"
            "The link works for 7 days. If you did not create an account, delete this message: nothing else will happen.",
        ),
        "es": Wording(
            "Confirma tu correo electrónico",
            "Solo falta un paso: confirma que esta dirección es tuya.\n\n{link}\n\n"
            "El enlace sirve durante 7 días. Si no creaste una cuenta, borra este mensaje: no pasará nada más.",
        ),
    },
    MailKind.RESET: {
        "pt": Wording(
            "Crie uma nova senha",
            "Recebemos um pedido de nova senha para a sua conta. Para escolher outra, abra este link:\n\n{link}\n\n"
            "Ele vale por 1 hora e uma única vez. Se o pedido não foi seu, ignore esta mensagem: a sua senha continua a mesma.",
        ),
        "en": Wording(
            "Choose a new password",
            "Somebody asked for a new password for your account. To choose one, open this link:\n\n{link}\n\n"
            "It works once, for 1 hour. If that was not you, ignore this message: your password stays the same.",
        ),
        "es": Wording(
            "Elige una nueva contraseña",
            "Recibimos una solicitud de nueva contraseña para tu cuenta. Para elegirla, abre este enlace:\n\n{link}\n\n"
            "Sirve durante 1 hora y una sola vez. Si no fuiste tú, ignora este mensaje: tu contraseña sigue igual.",
        ),
    },
    MailKind.INVITATION: {
        "pt": Wording(
            "Convite para {organization}",
            "{inviter} convidou você para {organization}. Para aceitar, abra este link:\n\n{link}\n\n"
            "Ele vale até {until} (UTC). Se você não esperava este convite, ignore esta mensagem.",
        ),
        "en": Wording(
            "You are invited to {organization}",
            "{inviter} invites you to {organization}. To accept, open this link:\n\n{link}\n\n"
            "It works until {until} (UTC). If you did not expect this invitation, ignore this message.",
        ),
        "es": Wording(
            "Invitación a {organization}",
            "{inviter} te invita a {organization}. Para aceptar, abre este enlace:\n\n{link}\n\n"
            "Sirve hasta el {until} (UTC). Si no esperabas esta invitación, ignora este mensaje.",
        ),
    },
    MailKind.REGISTERED_AGAIN: {
        "pt": Wording(
            "Você já tem uma conta",
            "Alguém tentou criar uma conta com este endereço, mas você já tem uma. Se foi você, entre com a sua senha, ou "
            "peça uma nova se não se lembra dela. Se não foi você, nada mudou e não é preciso fazer nada.",
        ),
        "en": Wording(
            "You have an account already",
            "Somebody tried to create an account with this address, but you have one already. If that was you, sign in with your "
            "password, or ask for a new one if you do not remember it. If it was not you, nothing has changed and there is "
            "nothing to do.",
        ),
        "es": Wording(
            "Ya tienes una cuenta",
            "Alguien intentó crear una cuenta con esta dirección, pero ya tienes una. Si fuiste tú, entra con tu contraseña, o "
            "pide una nueva si no la recuerdas. Si no fuiste tú, nada ha cambiado y no hay nada que hacer.",
        ),
    },
    MailKind.PASSWORD_CHANGED: {
        "pt": Wording(
            "A sua senha foi trocada",
            "A senha da sua conta foi trocada, e todas as sessões abertas foram encerradas. Se foi você, está tudo certo. Se não "
            "foi, peça agora uma nova senha e avise quem administra a sua organização.",
        ),
        "en": Wording(
            "Your password was changed",
            "The password of your account was changed, and every open session was ended. If that was you, all is well. If it was "
            "not, ask for a new password now, and tell whoever administers your organization.",
        ),
        "es": Wording(
            "Tu contraseña ha cambiado",
            "La contraseña de tu cuenta ha cambiado y se cerraron todas las sesiones abiertas. Si fuiste tú, todo está bien. Si "
            "no, pide ahora una contraseña nueva y avisa a quien administra tu organización.",
        ),
    },
    MailKind.REINDEXED: {
        "pt": Wording(
            "Os documentos foram lidos de novo",
            "Todos os documentos do projeto foram lidos de novo e já estão em uso. Os que não puderam ser lidos aparecem na lista "
            "com o motivo; até serem corrigidos, vale o que estava em uso antes.",
        ),
        "en": Wording(
            "Your documents have been read again",
            "All documents of the project have been read again and are in use. Those that could not be read are listed with the "
            "reason; until they are mended, what was in use before stays.",
        ),
        "es": Wording(
            "Tus documentos se han leído de nuevo",
            "Todos los documentos del proyecto se han leído de nuevo y ya están en uso. Los que no se pudieron leer aparecen en la "
            "lista con el motivo; hasta que se corrijan, vale lo que estaba en uso antes.",
        ),
    },
    MailKind.SESSION_REUSED: {
        "pt": Wording(
            "Encerramos uma sessão sua por segurança",
            "Um código de acesso antigo da sua conta foi usado outra vez, o que pode significar que alguém o copiou. Por isso "
            "encerramos essa sessão. Entre de novo e, se algo lhe parecer estranho, troque a sua senha.",
        ),
        "en": Wording(
            "We ended one of your sessions to be safe",
            "An old access code of your account was used again, which may mean that somebody copied it. That is why we ended that "
            "session. Sign in again and, if anything looks strange to you, change your password.",
        ),
        "es": Wording(
            "Cerramos una sesión tuya por seguridad",
            "Se volvió a usar un código de acceso antiguo de tu cuenta, lo que puede significar que alguien lo copió. Por eso "
            "cerramos esa sesión. Entra de nuevo y, si algo te parece extraño, cambia tu contraseña.",
        ),
    },
}


def language_of(wanted: object) -> str:
    """The supported language for one such as `pt-BR`; Portuguese for others."""
    short = wanted[:2].lower() if isinstance(wanted, str) else ""
    return short if short in LANGUAGES else "pt"


def worded(kind: MailKind, language: str, *, name: str, **names: str) -> tuple[str, str]:
    """Subject and text. Names are reduced to plain letters, so that nobody can send a text of their own to strangers through us."""
    known = {key: value if key in {"link", "until"} else plain_name(value) for key, value in names.items()}
    known["inviter"] = known.get("inviter") or _SOMEBODY[language]
    known["organization"] = known.get("organization") or _NAMELESS[language]
    wording = _WORDINGS[kind][language]
    with_name, without = _GREETINGS[language]
    clean = plain_name(name)
    greeting = with_name.format(name=clean) if clean else without
    says_it_all = "{link}" in wording.body or kind is MailKind.REINDEXED
    body = wording.body if says_it_all else f"{wording.body}\n\n{_ASK[language]}"
    return wording.subject.format(**known), f"{greeting}\n\n{body.format(**known)}\n"


def plain_name(text: str) -> str:
    """Only letters, digits, spaces and - ' &, up to 60 characters, so that it cannot contain a link or a second line."""
    kept = "".join(letter if _in_a_name(letter) else " " for letter in unicodedata.normalize("NFC", text))
    return " ".join(kept.split())[:_LONGEST_NAME].strip()


def _in_a_name(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN" or letter in "-'&’"
