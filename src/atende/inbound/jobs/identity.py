"""Jobs of accounts and members: mail."""

from atende.core.identity.mail.send_mail import SendMail
from atende.core.mail.model import MAIL
from atende.inbound.jobs.handler import Call, GiveUp, Handler


def handlers(call: Call, bury: GiveUp) -> list[Handler]:
    return [Handler(MAIL, call(SendMail), bury)]
