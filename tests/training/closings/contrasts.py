"""Contrasts that the model must learn: the same formula ends a dialogue after news, and does not after a promise or a question.

Own writing, paired by a seeded draw; for training only, never judged on.
"""

import random
from collections.abc import Iterator

from atende.core.language.languages import Language

_SEED = 20261201
_EACH = 4

NEWS: dict[Language, str] = {
    "pt": """
        A loja abre às 9h.|Fica na rua de trás da igreja.|Pronto, já foi cancelado.|Custa R$ 35 o metro.|Sim, temos estacionamento
        Enviei a segunda via agora.|Não fazemos esse serviço, infelizmente.|O prazo é de dois dias úteis.|Sua reserva está confirmada.
        É só levar um documento com foto.|Seu pedido foi entregue ontem.|A garantia é de um ano!|Temos em três cores: azul, preto e cinza.
        Corrigi o endereço. Obrigado por avisar!|De nada! Tenha um ótimo dia.|Aceitamos pix e cartão|O resultado já está no site.
    """,
    "es": """
        La tienda abre a las 9.|Está en la calle detrás de la iglesia.|Listo, ya quedó cancelado.|Cuesta 35 pesos el metro.|Sí, hay estacionamiento
        Acabo de enviar la copia.|No hacemos ese servicio, lamentablemente.|El plazo es de dos días hábiles.|Su reserva está confirmada.
        Solo traiga un documento con foto.|Su pedido fue entregado ayer.|¡La garantía es de un año!|Hay en tres colores: azul, negro y gris.
        Corregí la dirección. ¡Gracias por avisar!|¡De nada! Que tenga buen día.|Aceptamos tarjeta y efectivo|El resultado ya está en la página.
    """,
    "en": """
        The store opens at nine.|It's on the street behind the church.|Done, it's been cancelled.|It costs $35 a yard.|Yes, there is parking
        I've just sent the copy.|We don't offer that service, sorry.|It takes two business days.|Your reservation is confirmed.
        Just bring a photo ID.|Your order was delivered yesterday.|The warranty is one year!|It comes in three colors: blue, black and gray.
        I corrected the address. Thanks for telling us!|You're welcome! Have a great day.|We take cards and cash|The result is on the website.
    """,
}
OWED: dict[Language, str] = {
    "pt": """
        Vou verificar e já te retorno.|Qual é o seu nome completo?|O gerente liga para você ainda hoje.|Pode me enviar o comprovante?
        Um momento, estou consultando.|Prefere de manhã ou à tarde?|Assim que chegar, avisamos por aqui.|Quer que eu faça o pedido?
        Encaminhei ao financeiro, que responde até amanhã.|Me informe o CEP, por favor.|Vou pedir ao técnico que passe aí.|Qual modelo você tem?
        Mando a proposta à tarde.|Posso confirmar para terça?|Precisamos de uma foto do defeito.
    """,
    "es": """
        Lo reviso y le respondo.|¿Cuál es su nombre completo?|El gerente lo llama hoy mismo.|¿Me puede enviar el comprobante?
        Un momento, estoy consultando.|¿Prefiere por la mañana o por la tarde?|En cuanto llegue le avisamos por aquí.|¿Quiere que haga el pedido?
        Lo pasé a finanzas, responden mañana.|Indíqueme el código postal, por favor.|Voy a pedirle al técnico que pase.|¿Qué modelo tiene?
        Le mando la propuesta en la tarde.|¿Confirmo para el martes?|Necesitamos una foto de la falla.
    """,
    "en": """
        I'll check and get back to you.|What is your full name?|The manager will call you today.|Can you send me the receipt?
        One moment, I'm looking it up.|Morning or afternoon?|We'll let you know here as soon as it arrives.|Would you like me to place the order?
        I've passed it to billing, they'll answer tomorrow.|Please tell me your zip code.|I'll ask the technician to stop by.|Which model do you have?
        I'll send the quote this afternoon.|Shall I confirm Tuesday?|We need a picture of the damage.
    """,
}
FORMULAS: dict[Language, str] = {
    "pt": """
        obrigado|obrigada!|valeu|vlw|obg|ok|ok obrigado|blz|beleza, valeu|certo|tá bom|entendi|entendi, obrigada|perfeito|ótimo, obrigado
        tchau|até mais|obrigado, até logo|boa noite|bom dia pra vocês|abraço|👍|🙏|❤️|😊|show|show de bola, valeu|maravilha|joia
        muito obrigado pela atenção|agradeço a ajuda|fico grata|deus abençoe|tudo bem|legal|massa|top|que bom|combinado|ok, tchau
        era isso, obrigado|só isso mesmo, valeu|era só isso|não preciso de mais nada|por hoje é só|kkk valeu|amém|disponha|igualmente
    """,
    "es": """
        gracias|muchas gracias!|mil gracias|ok|ok gracias|dale|vale, gracias|bueno|está bien|entendido|entendido, gracias|perfecto|genial, gracias
        adiós|hasta luego|gracias, hasta pronto|buenas noches|buen día|saludos|👍|🙏|❤️|😊|buenísimo|excelente|qué bien|listo, gracias
        muy amable|gracias por la atención|se lo agradezco|dios lo bendiga|todo bien|sale|de acuerdo|qué bueno|quedamos así|ok, chau
        era eso, gracias|solo eso, gracias|era todo|nada más, gracias|no necesito nada más|por hoy es todo|jaja gracias|amén|igualmente
    """,
    "en": """
        thanks|thank you!|thx|ty|ok|ok thanks|cool|alright, thanks|got it|got it, thank you|understood|perfect|great, thanks|sounds good
        bye|goodbye|thanks, bye|good night|have a good one|take care|👍|🙏|❤️|😊|awesome|wonderful|nice|lovely, thank you
        thank you for your help|much appreciated|appreciate it|god bless|all good|fine|sure|good to know|okay then|ok, bye
        that's all, thanks|that's it|that's all I needed|nothing else, thank you|I'm all set|lol thanks|amen|likewise|you too
    """,
}
MORE: dict[Language, str] = {
    "pt": "Posso ajudar em mais alguma coisa?|Feito. Algo mais?|Mais alguma dúvida?|Pronto! Precisa de mais alguma coisa?|Só isso ou deseja algo mais?",
    "es": "¿Puedo ayudarle en algo más?|Hecho. ¿Algo más?|¿Alguna otra duda?|¡Listo! ¿Necesita algo más?|¿Desea algo más?",
    "en": "Can I help you with anything else?|Done. Anything else?|Any other questions?|All set! Do you need anything else?|Is there anything else?",
}
NOTHING: dict[Language, str] = {
    "pt": "não|não, obrigado|não, só isso|nada mais|nao|n|nada não, valeu|não, tchau|por enquanto não|tudo certo|não, era só isso mesmo, obrigada",
    "es": "no|no, gracias|no, solo eso|nada más|no, eso es todo|nop|nada, gracias|no, adiós|por ahora no|todo bien|no, era todo, muchas gracias",
    "en": "no|no, thanks|no, that's all|nothing else|nope|nah|no, bye|not right now|all good|no that'll be it, have a great day|nothing, thank you",
}
SOMETHING: dict[Language, str] = {
    "pt": "sim|sim, por favor|quero sim|tenho outra dúvida|pode|tem mais uma coisa|s|sim, o preço|na verdade sim",
    "es": "sí|sí, por favor|tengo otra duda|puede|una cosa más|si|sí, el precio|la verdad sí|claro que sí",
    "en": "yes|yes please|one more thing|yeah|I have another question|sure do|yep, the price|actually yes|yes one thing",
}
DENIED: dict[Language, str] = {
    "pt": """
        não é isso|não era isso|não está resolvido|não resolveu|não terminei|não é só isso|não estou satisfeito|nada disso|não foi isso que perguntei
        obrigado mas não ajudou|ainda não acabei|não entendi|isso não responde minha pergunta|não encerre ainda|não acabou
    """,
    "es": """
        no es eso|no era eso|no está resuelto|no se resolvió|no terminé|no es solo eso|no estoy satisfecho|nada de eso|no fue eso lo que pregunté
        gracias pero no me sirve|todavía no termino|no entendí|eso no responde mi pregunta|no cierre todavía|no se acabó
    """,
    "en": """
        that's not it|that wasn't it|it's not solved|that didn't help|I'm not done|that's not all|I'm not satisfied|none of that|not what I asked
        thanks but that doesn't help|not finished yet|I don't understand|that doesn't answer my question|don't close it yet|it isn't over
    """,
}


def contrasts() -> Iterator[tuple[Language, str, str, bool]]:
    """Language, what we said, what the customer said, and whether it closes."""
    draw = random.Random(_SEED)
    kinds = (
        (FORMULAS, NEWS, True),
        (FORMULAS, OWED, False),
        (NOTHING, MORE, True),
        (SOMETHING, MORE, False),
        (DENIED, NEWS, False),
    )
    for said, ours, closing in kinds:
        for language in said:
            before = _listed(ours[language])
            for words in _listed(said[language]):
                for turn in draw.sample(before, _EACH):
                    yield language, turn, words, closing


def _listed(texts: str) -> list[str]:
    return [text.strip() for line in texts.strip().splitlines() for text in line.split("|")]
