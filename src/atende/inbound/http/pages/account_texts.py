"""What the account pages say, in Portuguese, English and Spanish."""

from typing import Any

LANGUAGES = ("pt", "en", "es")
Said = dict[str, str]

SHARED: dict[str, Said] = {
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

PAGES: dict[str, dict[str, Said]] = {
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
            "lead": "As sessões que estão abertas serão encerradas.",
            "button": "Salvar a nova senha",
            "done": "Pronto: a nova senha já vale. Entre com ela.",
        },
        "en": {
            "title": "Choose a new password",
            "lead": "Sessions that are open will be ended.",
            "button": "Save the new password",
            "done": "Done: the new password holds from now on. Sign in with it.",
        },
        "es": {
            "title": "Elige una nueva contraseña",
            "lead": "Las sesiones abiertas se cerrarán.",
            "button": "Guardar la nueva contraseña",
            "done": "Listo: la nueva contraseña ya es válida. Entra con ella.",
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
            "gone": "Este convite não vale mais: foi aceito, retirado, é antigo demais ou há um mais novo."
            " Peça outro a quem convidou você.",
        },
        "en": {
            "title": "Accept the invitation",
            "lead": "Make your account to join the team.",
            "button": "Make the account and accept",
            "have": "I have an account",
            "new": "I have no account yet",
            "sign_in": "Sign in and accept",
            "done": "Done: you are part of {organization}.",
            "waits": "Almost there: somebody at {organization} has to let you in first.",
            "known": "This address has an account already. Sign in with it to accept the invitation.",
            "gone": "This invitation works no more: it was accepted, taken back, is too old, or there is a newer one."
            " Ask whoever invited you for another.",
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
            "gone": "Esta invitación ya no sirve: se aceptó, se retiró, es demasiado antigua o hay una más nueva."
            " Pide otra a quien te invitó.",
        },
    },
}

MESSAGES: dict[str, dict[str, Any]] = {
    "pt": {
        "sent": "Se houver uma conta com este endereço, o novo link está a caminho. Olhe a sua caixa de entrada.",
        "incomplete": "Este endereço está incompleto: abra o link da mensagem por inteiro.",
        "tooMany": "Foram tentativas demais. Espere {seconds} segundos e tente de novo.",
        "notTaken": "Algo nestes campos não está certo. Confira e tente de novo.",
        "later": "Isto não deu certo agora. Tente de novo daqui a pouco.",
        "codes": {
            "LINK_NOT_VALID": "Este link não vale mais: foi usado, é antigo demais ou há um mais novo. Peça outro.",
            "PASSWORD_REFUSED": "Escolha outra senha: 10 caracteres ou mais, no máximo 72 bytes, e não o seu e-mail.",
            "WRONG_CREDENTIALS": "O e-mail ou a senha não confere.",
            "UNAUTHENTICATED": "O convite é para outro endereço. Entre com a conta que foi convidada.",
            "CONFLICT": "Você já faz parte desta equipe.",
        },
    },
    "en": {
        "sent": "If there is an account with this address, the new link is on its way. Look into your inbox.",
        "incomplete": "This address is not complete: open the whole link of the message.",
        "tooMany": "That was tried too often. Wait {seconds} seconds and try again.",
        "notTaken": "Something in these fields is not right. Look at them and try again.",
        "later": "This did not work now. Try again in a while.",
        "codes": {
            "LINK_NOT_VALID": "This link works no more: it was used, is too old, or there is a newer one. Ask for another.",
            "PASSWORD_REFUSED": "Choose another password: 10 characters or more, at most 72 bytes, and not your e-mail address.",
            "WRONG_CREDENTIALS": "The e-mail address or the password is wrong.",
            "UNAUTHENTICATED": "The invitation is for another address. Sign in with the account that was invited.",
            "CONFLICT": "You are part of this team already.",
        },
    },
    "es": {
        "sent": "Si hay una cuenta con esta dirección, el nuevo enlace está en camino. Mira tu bandeja de entrada.",
        "incomplete": "Esta dirección está incompleta: abre el enlace del mensaje entero.",
        "tooMany": "Fueron demasiados intentos. Espera {seconds} segundos e inténtalo de nuevo.",
        "notTaken": "Algo en estos campos no está bien. Revísalos e inténtalo de nuevo.",
        "later": "No funcionó por ahora. Inténtalo de nuevo en un rato.",
        "codes": {
            "LINK_NOT_VALID": "Este enlace ya no sirve: se usó, es demasiado antiguo o hay uno más nuevo. Pide otro.",
            "PASSWORD_REFUSED": "Elige otra contraseña: 10 caracteres o más, como máximo 72 bytes, y no tu correo.",
            "WRONG_CREDENTIALS": "El correo o la contraseña no es correcto.",
            "UNAUTHENTICATED": "La invitación es para otra dirección. Entra con la cuenta invitada.",
            "CONFLICT": "Ya formas parte de este equipo.",
        },
    },
}
