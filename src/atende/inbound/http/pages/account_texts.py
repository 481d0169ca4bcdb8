"""Texts of the account pages in Portuguese, English and Spanish."""

from typing import Any

LANGUAGES = ("pt", "en", "es")
Texts = dict[str, str]

SHARED: dict[str, Texts] = {
    "pt": {
        "email": "E-mail",
        "password": "Senha",
        "new_password": "Nova senha",
        "password_hint": "10 caracteres ou mais.",
        "shown": "Mostrar a senha",
        "first_name": "Nome",
        "last_name": "Sobrenome",
        "noscript": "Esta página precisa de JavaScript.",
        "again": "Enviar um novo link",
        "again_hint": "Se houver uma conta com este endereço, enviamos um novo link para ele.",
    },
    "en": {
        "email": "E-mail address",
        "password": "Password",
        "new_password": "New password",
        "password_hint": "10 characters or more.",
        "shown": "Show the password",
        "first_name": "First name",
        "last_name": "Last name",
        "noscript": "This page needs JavaScript.",
        "again": "Send a new link",
        "again_hint": "If there is an account with this address, we send a new link to it.",
    },
    "es": {
        "email": "Correo electrónico",
        "password": "Contraseña",
        "new_password": "Nueva contraseña",
        "password_hint": "10 caracteres o más.",
        "shown": "Mostrar la contraseña",
        "first_name": "Nombre",
        "last_name": "Apellido",
        "noscript": "Esta página necesita JavaScript.",
        "again": "Enviar un nuevo enlace",
        "again_hint": "Si hay una cuenta con esta dirección, le enviamos un nuevo enlace.",
    },
}

PAGES: dict[str, dict[str, Texts]] = {
    "verify-email": {
        "pt": {
            "title": "Confirme o seu e\u2011mail",
            "lead": "Um clique confirma que este endereço é seu.",
            "button": "Confirmar",
            "done": "Pronto: o seu endereço está confirmado. Pode fechar esta página.",
        },
        "en": {
            "title": "Confirm your e\u2011mail address",
            "lead": "One click confirms that this address is yours.",
            "button": "Confirm",
            "done": "Done: your address is confirmed. You can close this page.",
        },
        "es": {
            "title": "Confirma tu correo electrónico",
            "lead": "Un clic confirma que esta dirección es tuya.",
            "button": "Confirmar",
            "done": "Listo: tu dirección está confirmada. Puedes cerrar esta página.",
        },
    },
    "reset-password": {
        "pt": {
            "title": "Crie uma nova senha",
            "lead": "Você sairá de todos os dispositivos.",
            "button": "Salvar a nova senha",
            "done": "Pronto: a nova senha foi salva. Entre com ela.",
        },
        "en": {
            "title": "Choose a new password",
            "lead": "This signs you out everywhere.",
            "button": "Save the new password",
            "done": "Done: your new password is set. Sign in with it.",
        },
        "es": {
            "title": "Elige una nueva contraseña",
            "lead": "Se cerrará tu sesión en todos los dispositivos.",
            "button": "Guardar la nueva contraseña",
            "done": "Listo: la nueva contraseña está guardada. Entra con ella.",
        },
    },
    "invitation": {
        "pt": {
            "title": "Aceite o convite",
            "lead": "Crie a sua conta para entrar na equipe.",
            "button": "Criar a conta e aceitar",
            "have": "Já tenho uma conta",
            "new": "Ainda não tenho conta",
            "sign_in": "Entrar e aceitar",
            "done": "Pronto: você faz parte de {organization}.",
            "waits": "Quase lá: alguém de {organization} ainda precisa aprovar a sua entrada.",
            "known": "Este endereço já tem uma conta. Entre com ela para aceitar o convite.",
            "gone": "Este convite não é mais válido: já foi aceito, foi cancelado, expirou ou há um mais novo."
            " Peça um novo a quem convidou você.",
        },
        "en": {
            "title": "Accept the invitation",
            "lead": "Create your account to join the team.",
            "button": "Create the account and accept",
            "have": "I already have an account",
            "new": "I do not have an account yet",
            "sign_in": "Sign in and accept",
            "done": "Done: you are part of {organization}.",
            "waits": "Almost there: somebody at {organization} has to approve you first.",
            "known": "This address already has an account. Sign in to accept the invitation.",
            "gone": "This invitation is no longer valid: it was accepted or revoked, has expired, or there is a newer one."
            " Ask the person who invited you for a new one.",
        },
        "es": {
            "title": "Acepta la invitación",
            "lead": "Crea tu cuenta para unirte al equipo.",
            "button": "Crear la cuenta y aceptar",
            "have": "Ya tengo una cuenta",
            "new": "Todavía no tengo cuenta",
            "sign_in": "Entrar y aceptar",
            "done": "Listo: ya formas parte de {organization}.",
            "waits": "Casi listo: alguien de {organization} todavía tiene que aprobar tu entrada.",
            "known": "Esta dirección ya tiene una cuenta. Entra con ella para aceptar la invitación.",
            "gone": "Esta invitación ya no es válida: fue aceptada, fue cancelada, caducó o hay una más nueva."
            " Pide una nueva a quien te invitó.",
        },
    },
}

MESSAGES: dict[str, dict[str, Any]] = {
    "pt": {
        "sent": "Se houver uma conta com este endereço, o novo link está a caminho. Confira a sua caixa de entrada.",
        "incomplete": "Este link está incompleto: abra o link inteiro do e-mail.",
        "tooMany": "Muitas tentativas. Espere {seconds} segundos e tente de novo.",
        "notTaken": "Algum campo não é válido. Confira e tente de novo.",
        "later": "Não foi possível concluir. Tente de novo em alguns minutos.",
        "codes": {
            "LINK_NOT_VALID": "Este link não é mais válido: já foi usado, expirou ou há um mais novo. Peça um novo.",
            "PASSWORD_REFUSED": "Escolha outra senha: 10 caracteres ou mais, no máximo 72 bytes, e não o seu e-mail.",
            "WRONG_CREDENTIALS": "O e-mail ou a senha não está certo.",
            "UNAUTHENTICATED": "O convite é para outro endereço. Entre com a conta que foi convidada.",
            "CONFLICT": "Você já faz parte desta equipe.",
        },
    },
    "en": {
        "sent": "If there is an account with this address, the new link is on its way. Check your inbox.",
        "incomplete": "This link is incomplete: open the whole link from the e-mail.",
        "tooMany": "Too many attempts. Wait {seconds} seconds and try again.",
        "notTaken": "Some of these fields are not valid. Check them and try again.",
        "later": "This did not work. Try again in a few minutes.",
        "codes": {
            "LINK_NOT_VALID": "This link is no longer valid: it was used, has expired, or there is a newer one. Ask for a new one.",
            "PASSWORD_REFUSED": "Choose another password: 10 characters or more, at most 72 bytes, and not your e-mail address.",
            "WRONG_CREDENTIALS": "The e-mail address or the password is wrong.",
            "UNAUTHENTICATED": "The invitation is for another address. Sign in with the account that was invited.",
            "CONFLICT": "You are already part of this team.",
        },
    },
    "es": {
        "sent": "Si hay una cuenta con esta dirección, el nuevo enlace está en camino. Revisa tu bandeja de entrada.",
        "incomplete": "Este enlace está incompleto: abre el enlace completo del correo.",
        "tooMany": "Demasiados intentos. Espera {seconds} segundos e inténtalo de nuevo.",
        "notTaken": "Algún campo no es válido. Revísalos e inténtalo de nuevo.",
        "later": "No se pudo completar. Inténtalo de nuevo en unos minutos.",
        "codes": {
            "LINK_NOT_VALID": "Este enlace ya no es válido: se usó, caducó o hay uno más nuevo. Pide uno nuevo.",
            "PASSWORD_REFUSED": "Elige otra contraseña: 10 caracteres o más, como máximo 72 bytes, y no tu correo.",
            "WRONG_CREDENTIALS": "El correo o la contraseña no es correcto.",
            "UNAUTHENTICATED": "La invitación es para otra dirección. Entra con la cuenta invitada.",
            "CONFLICT": "Ya formas parte de este equipo.",
        },
    },
}
