"""How customers ask for a person, in Portuguese, English and Spanish. Patterns see normalised text."""

import re
from typing import Final

from atende.core.language.phrases.lexer import alternatives

_DETERMINERS: Final = (
    r"(?:(?:um|uma|uns|o|a|algum|alguma|outro|outra|seu|sua|seus|meu|minha|vossa|de|do|da|the|an|any|some|your|"
    r"my|real|live|"
    r"actual|human|another|one|of|customer|service|support|sales|un|una|el|la|los|algun|otra|su|tu|mi|tus|sus|nuevo|"
    r"verdadeira?|verdadera?|atendimento|cliente) ){0,4}"
)
_PERSON: Final = (
    r"(?:person|people|human(?: being)?|agent|representative|rep|operator|someone|somebody|manager|supervisor|"
    r"advis[eo]r|"
    r"attendant|staff|team|employee|support|specialist|"
    r"atendentes?|human[oa]|ser humano|pessoa|alguem|gente|operador[a]?|consultor[a]?|vendedor[a]?|"
    r"supervisor[a]?|gerente|"
    r"responsavel|agente|representante|funcionari[oa]|suporte|especialista|equipe|"
    r"persona|asesor[a]?|ejecutiv[oa]|alguien|encargad[oa]|responsable|soporte|emplead[oa])"
)
_MACHINE: Final = r"(?:ro?bos?|robot|bot|chat ?bot|machine|maquina|computer|computador|computadora|ia|ai|automatico)"
_END: Final = (
    r"(?= ?(?:$|[.,!?]| (?:please|now|here|instead|not|to|por|agora|ja|aqui|urgente|para|pra|que|ahora|ya|e|y|"
    r"and)\b))"
)

ASKS: Final = re.compile(
    r"\b(?:"
    + alternatives(
        rf"""
        (?:speak|talk|chat|connect|connected|transfer|transferred|put (?:me )?through|switch|pass|forward|
            redirect|escalate|hand)(?: (?:me|this|it|us|over|directly|please|now|again)){{0,3}} (?:to|with|
            through to|over to) {_DETERMINERS}{_PERSON}
        (?:want|need|like|wanna|give me|get me|bring me|prefer|have|get) {_DETERMINERS}(?:human|(?:(?:real|live|
            actual|human) (?:person|agent|human|help|support|operator|representative|rep|assistance|attendant))|
            agent|representative|operator|supervisor){_END}
        (?:can|could|may) (?:a|an|some) ?{_DETERMINERS}(?:human|person|agent|one|body) (?:please )?(?:call|
            contact|talk|reply|answer|attend)
        (?:human|live) (?:agent|support|operator|representative|attendant|assistance|help)(?! hair)
        (?:dont|do not) want (?:to (?:talk|speak|chat) (?:to|with) )?(?:a |an |the |this |your )?{_MACHINE}
        (?:falar|fala|falo|conversar|converso|transferir|transfere|transfira|passar?|passe|encaminhar?|
            encaminhe|atendid[oa]|contato|direcion[ae]r?)(?: (?:direto|diretamente|me|agora|por favor|logo|
            aqui)){{0,2}} (?:com|para|pra|pro|por|a|ao) {_DETERMINERS}{_PERSON}
        (?:chama|chame|chamar|chamem) {_DETERMINERS}(?:atendente|humano|pessoa|alguem|operador[a]?|gerente|
            supervisor[a]?|responsavel){_END}
        (?:quero|preciso(?: de)?|gostaria de|me (?:da|de|ve)|necessito(?: de)?|prefiro|tem|
            teria) {_DETERMINERS}(?:atendente|humano|human[oa]s|pessoa (?:de verdade|real|humana)|
            atendimento (?:humano|pessoal)|ser humano|operador[a]?|gente de verdade){_END}
        (?:atendente|atendimento|agente|operador[a]?|suporte|pessoa) human[oa]|pessoa de verdade|
            alguem de verdade|alguem (?:humano|real)|alguem (?:pra|para) me atender
        nao quero (?:(?:falar|conversar) com )?(?:um |uma |o |a |esse |essa |este )?{_MACHINE}
        (?:hablar|hable|hablo|conversar|comunicar(?:me|se|nos)?|comuniqu\w+|comunicame|chatear|contactar(?:me)?|
            pasar?me|pas[ae]me|pasenme|transf\w+|conecta\w*|conecte\w*|deriv[ae]\w*|atendid[oa])(?: (?:directamente|
            por favor|ya|ahora|me)){{0,2}} (?:con|a|por) {_DETERMINERS}{_PERSON}
        (?:quiero|necesito|quisiera|prefiero|deseo|dame|deme|hay) {_DETERMINERS}(?:asesor[a]?|human[oa]|
            persona (?:real|de verdad|humana)|agente|operador[a]?|atencion (?:humana|personal)|ser humano|
            ejecutiv[oa]){_END}
        (?:agente|asesor[a]?|persona|operador[a]?|soporte|atencion) (?:human[oa]|real|de verdad)
        no quiero (?:hablar con )?(?:un |una |el |la |este |esta )?{_MACHINE}
        """
    )
    + r")\b"
)
ALONE: Final = re.compile(
    r"(?:(?:please|hello|hi|hey|ok|a|an|real|live|customer|service|support|oi|ola|por favor|um|uma|falar|com|"
    r"quero|hola|un|una|con|hablar|"
    r"necesito|preciso|de|give me|atencion|atencion al)[ ,.!]+){0,4}"
    r"(?:human[oa]?|atendente|atendentes|agent|agente|representative|operator|operador[a]?|attendant|asesor[a]?|"
    r"real person|"
    r"ser humano|pessoa real|persona real|person|pessoa|persona|supervisor|ejecutiv[oa]|human being)"
    r"(?:[ ,.!]+(?:please|pls|now|agent|being|representative|operator|support|only|por favor|porfa|porfavor|pf|"
    r"pfv|urgente|agora|ja|ahora|"
    r"ya|real|human[oa]?|de verdad|de verdade|aqui|obrigad[oa]|thanks|gracias)){0,4}[ .!?]*"
)
REPORTED: Final = re.compile(
    r"(?:\b(?:dont|do not|not|never|wont|didnt|without|instead of|rather than|nao|nem|nunca|sem|sin)(?: \w+){0,3}|"
    r"\bno (?:quiero|necesito|deseo|hace falta|quisiera)(?: \w+){0,2}|\bdo i (?:have|need) to|\bno need to|"
    r"\b(?:told|asked|said|says|disse|disseram|mandou|mandaram|pediu|falou|dijo|dijeron|pidio|mando)(?: \w+){0,3}) $"
)
"""What stands before a mention that is no wish: `I do not need to`, `he told me to`."""
