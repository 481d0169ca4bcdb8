"""How our side speaks around a customer's last words, and which words give a language away. For normalised text."""

import re
from typing import Final

_PATTERNS: Final = {
    "more": {
        "pt": (
            r"\b(?:mais alguma|alguma outra|algum outro|outra coisa|algo mais|mais algo|algo a mais|mais alguem|"
            r"algo que eu possa|mais nada|algum[a]? (?:outr[ao]|duvida|pergunta|ajuda)|(?:mais|"
            r"outr[ao]s?) (?:duvidas?|perguntas?|informac\w+|solicitac\w+|ajuda|assistencia|pedidos?|"
            r"necessidades?)|mais (?:em que|no que|com que)|(?:em|no|com) que mais|o que mais|que mais|(?:posso|"
            r"podemos|poderia|podia|consigo)(?: (?:te|lhe|o|a|ainda|tambem)){0,6} (?:ajudar|ajuda-l[oa]|ajuda-lo|"
            r"auxiliar|ser util|fazer|assisti-lo|assistir)(?: \w+){0,2} (?:mais|algo mais|em algo|com algo|"
            r"alguma)|ajuda (?:com|em) (?:mais|algo|alguma)|(?:precisa|precisam|necessita|deseja|gostaria|"
            r"quer)(?: de)?(?: saber)? (?:mais|"
            r"algo(?= mais| a mais| ?\?)|alguma coisa(?= mais| ?\?)|ajuda|outra)|algo (?:que|em que|"
            r"no que)(?: eu)? (?:possa|posso)|ficou (?:alguma|com) duvida)\b"
        ),
        "en": (
            r"\b(?:any ?thing|something|some thing) (?:else|more|further|other)\b|\bwhat else\b|\bany (?:other|"
            r"more|further|additional) (?:questions?|requests?|help|assistance|queries|concerns?|needs?|things?|"
            r"way|info\w*|services?|bookings?|reservations?|details?)\b|\b(?:further|additional|"
            r"more) (?:assistance|help|questions?|requests?)\b|\b(?:assist|help|serve|do for)(?: you)? (?:any|"
            r"you) ?(?:further|more)\b|\b(?:more|else) (?:that )?(?:i|we) (?:can|could|may) (?:do|help|assist)\b|"
            r"\bhelp you (?:further|with anything)\b|\b(?:can|could|may|how can|is there any way) (?:i|"
            r"we) (?:be of|assist you|help you)(?: (?:any )?(?:further|more|other|again|still|"
            r"today with anything))\b|\banything (?:i|we|that i|that we) (?:can|could|may)\b|"
            r"\banother (?:question|thing|request)\b|\bneed (?:anything|any help|more help|help with anything)\b|"
            r"\bother (?:questions|needs|requests)\b"
        ),
        "es": (
            r"\b(?:algo mas|alguna otra|algun otro|otra (?:cosa|consulta|duda|pregunta|solicitud)|alguna (?:duda|"
            r"consulta|pregunta|cosa mas)|cualquier otra|(?:en|con) (?:que|algo) mas|que mas|(?:mas|"
            r"otras) (?:preguntas?|dudas?|consultas?|ayuda|asistencia|informacion|cosas?)|nada mas|(?:puedo|"
            r"podemos|podria|puede)(?: (?:ayudar\w*|asistir\w*|hacer|servir\w*|ser de ayuda))(?: \w+){0,3} (?:mas|"
            r"algo|alguna|otra)|(?:necesitas?|desea|deseas|quieres?|precisas?|gustaria|requiere)(?: (?:saber|"
            r"de))? (?:algo(?= mas| ?\?)|alguna otra|mas|otra|ayuda)|"
            r"algo (?:en lo )?que (?:pueda|puedo)|mas (?:por|en que|"
            r"que pueda))\b"
        ),
    },
    "done": {
        "pt": (
            r"\b(?:e |era |seria |sera |foi )?(?:so|apenas|somente) (?:isso|isto)(?: mesmo)?[^.!?]{0,20}\?|"
            r"\b(?:isso|isto) (?:e|seria|era|sera) tudo[^.!?]{0,20}\?|\btudo certo\?|\bposso (?:encerrar|"
            r"finalizar|fechar)|\bpodemos (?:encerrar|finalizar)"
        ),
        "en": (
            r"\b(?:is|was|will|would) (?:that|this|it) (?:be )?(?:all|everything|it)\b|"
            r"\bthat(?:s| is| will be| would be) (?:all|everything|it)\b(?= ?\?| then\?| for today\?)|\ball set\?|"
            r"\bare (?:we|you) (?:all )?(?:done|set|finished)\b"
        ),
        "es": (
            r"\b(?:eso|esto) (?:es|seria|sera|era) todo[^.!?]{0,20}\?|\b(?:es|seria|sera) todo\?|\bsolo (?:eso|"
            r"esto)\?|\bnada mas\?|\btodo (?:bien|listo|correcto)\?|\b(?:puedo|podemos) (?:cerrar|finalizar|"
            r"terminar)"
        ),
    },
    "solved": {
        "pt": (
            r"\b(?:resolveu|resolvido|resolvida|funcionou|deu certo|ajudou|ajudei|consegui (?:te )?ajudar|"
            r"conseguiu|ficou clar[oa]|esclareci|entendeu|esclarecid[oa]|respondeu)\b[^.!?]{0,30}\?"
        ),
        "en": (
            r"\bdid (?:that|this|it|i) (?:\w+ ){0,2}(?:help|fix|work|solve|answer|resolve)|\b(?:is|was|has|have|"
            r"did)\b[^.?!]{0,40}\b(?:clear|resolved|solved|fixed|working|helpful|sorted|answered|solve|fix|"
            r"answer)\b[^.?!]{0,20}\?|\bdoes (?:that|this|it) (?:help|answer|solve|work|make sense|clarify)"
        ),
        "es": (
            r"\b(?:se soluciono|se resolvio|se arreglo|funciono|le ayudo|te ayudo|quedo clar[oa]|"
            r"quedo resuelt[oa]|resuelt[oa]|solucionad[oa]|aclarad[oa]|pudo|pudiste|ayude|respondi|"
            r"sirvio)\b[^.!?]{0,30}\?"
        ),
    },
    "welcome": {
        "pt": (
            r"\b(?:de nada|por nada|imagina|disponha|nos que agradecemos|eu que agradeco|as ordens|a disposicao|"
            r"um prazer|o prazer|foi um prazer|que isso|sempre que precisar|qualquer coisa|conte (?:comigo|"
            r"conosco)|(?:fico|ficamos) feliz\w* (?:em|por|que)|obrigad[oa] (?:por|pelo|pela)|agradecemos|"
            r"nao ha de que)\b"
        ),
        "en": (
            r"\byou ?a?re (?:very |most |so |more than |quite )?welcome\b|\b(?:my|a|our) pleasure\b|\bglad (?:i|"
            r"we|to|that i) (?:could|have|be|was)|\b(?:happy|pleased) to (?:help|assist|be of|have)|"
            r"\bno problem\b|\bany ?time\b|\byour? welcome\b|^welcome\b|\bthank(?:s| you) for (?:using|calling|"
            r"choosing|contacting|visiting|your)"
        ),
        "es": (
            r"\b(?:de nada|por nada|no hay de que|con (?:mucho )?gusto|un placer|el placer|fue un placer|"
            r"a la orden|a usted|a ti|para servir\w*|para eso estamos|estamos para|a su disposicion|"
            r"a tu disposicion|(?:me|nos) alegr\w+|ha sido un placer|cuando quieras?|es un placer|encantad[oa] de|"
            r"gracias (?:por|a ti|a usted))\b"
        ),
    },
}

_CUES: Final = {
    name: {language: re.compile(pattern) for language, pattern in patterns.items()}
    for name, patterns in _PATTERNS.items()
}
ASKS_MORE: Final = _CUES["more"]
"""Anything else? By language."""

ASKS_DONE: Final = _CUES["done"]
"""Is that all?"""

ASKS_SOLVED: Final = _CUES["solved"]
"""Did that help?"""

WELCOME: Final = _CUES["welcome"]
"""You are welcome."""

IF_NEEDED: Final = re.compile(
    r"\b(?:let (?:me|us) know|feel free|if you|should you|whenever|just ask|"
    r"se (?:voce|precisar|tiver|surgir|quiser)|caso|qualquer|sempre que|"
    r"si (?:necesitas?|tienes?|tiene|desea|hay|surge)|cuando (?:necesites?|quieras?))\b"
)
"""An offer that asks nothing: let me know if you need anything else."""

ASKS_INPUT: Final = re.compile(
    r"\b(?:tell me|provide|give me|inform|(?<=please )confirm|specify|i (?:will )?(?:just )?need (?:your|the|to know|a)|"
    r"let me know (?:what|which|when|how|where|your|if i should)|"
    r"me (?:informe|diga|confirme|fale|passe|envie)|informe|confirme|digite|preciso (?:do|da|de|saber)|"
    r"(?:diga|indique|confirme|facilite)(?:me|nos)|indique|dime|indicame|proporcione|facilite|necesito (?:su|tu|el|la|saber))\b"
)
"""A wish for data without a question mark: please tell me your order number."""

OFFERS: Final = re.compile(
    r"\b(?:would you|do you (?:want|need|have|prefer|like)|should i|shall i|may i|could you|which one|how many|"
    r"what (?:time|day|date)|gostaria|deseja|posso|quer que|prefere|quant[oa]s|que horas|que dia|"
    r"desea|quieres?|prefieres?|(?:le|te) gustaria|puedo|cuant[oa]s|a que hora)\b"
)
"""How our side asks where nobody writes question marks."""

_HINTS: Final = {
    "pt": (
        "nao voce voces vc vcs obrigado obrigada obrigadao isso mais tudo com uma um pra ainda ajuda tchau "
        "valeu vlw obg brigado brigada ja seu sua dos das ao em o os da bom boa dia noite oi ola sim muito "
        "meu minha quero preciso eu gostaria entendi perfeito otimo fico beleza blz certo tem posso ajudar "
        "agora tambem qual hoje amanha pode foi pelo pela atendimento deu aqui entao nenhuma acho agradeco "
        "tenha otima resolvido nada queria falar alguem pessoa flw msm bjs abraco abracos nn isto algo outra "
        "duvida duvidas sou estou esta por estao tao ser quanto onde voltar obgd brigadao precisa deseja "
        "alguma coisa ate logo ta favor nem la "
    ),
    "en": (
        "the thanks thank you that thats is i im it and for what need have please bye of my your will not "
        "dont all anything else nope yes yeah yep thx great good be how are we but this hello hi see later "
        "help perfect awesome would like with when where which goodbye day just got there cheers cool nothing "
        "everything want okay sure any other more today nice sounds works work one an time did does was were "
        "could should can know more take care welcome wonderful "
    ),
    "es": (
        "gracias el los las una un muy pero quiero necesito hola buenas bueno si usted y con del al mi manana "
        "adios hasta luego listo vale algo agradezco agradecida buenos dias tardes noches eso es lo mucho "
        "muchas tengas tenga buen dia chau chao perfecto entendido estoy todo saludos puedo puedes puede "
        "ayudar ayuda ayudarle ayudarte cual cuanto donde hay tienen tu su yo nos vemos hoy ahora tambien "
        "otra cosa ninguna creo todavia aun gusta quisiera hablar asesor alguien funciona quedo ya dale "
        "genial estupendo porfavor nop fin siguiente agente operador gracia mil mas nada sera seria son esta "
        "por le en sus desea necesita duda consulta le bien nomas momento "
    ),
}
HINTS: Final = {language: frozenset(words.split()) for language, words in _HINTS.items()}
"""Words that speak for a language."""
