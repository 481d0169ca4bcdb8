"""The fixed texts that are sent to a customer without a quote."""

from atende.core.knowledge.model import Courtesy

_TEXTS: dict[str, dict[Courtesy, str]] = {
    "pt": {
        Courtesy.GREETING: "Olá! Como posso ajudar?",
        Courtesy.WELCOME: "De nada! Estou à disposição.",
        Courtesy.FAREWELL: "Obrigado pelo contato. Até logo!",
        Courtesy.ASK_BACK: "Não entendi bem. Pode me dizer com outras palavras o que você precisa?",
        Courtesy.TEXT_ONLY: "Por enquanto só consigo ler texto. Pode escrever o que você precisa?",
        Courtesy.HANDING_OVER: "Vou chamar uma pessoa da nossa equipe para continuar o atendimento. Só um momento, por favor.",
        Courtesy.NOT_KNOWN: "Não tenho essa informação aqui. Já chamei uma pessoa da nossa equipe para responder.",
        Courtesy.NOTHING_FOUND: "Não encontrei informações relevantes nos documentos disponíveis.",
        Courtesy.ANYTHING_ELSE: "Posso ajudar em mais alguma coisa?",
        Courtesy.GO_AHEAD: "Claro! O que você precisa?",
        Courtesy.NO_HURRY: "Sem pressa! Estou por aqui quando você quiser continuar.",
        Courtesy.AUTOMATED: "Sou um assistente virtual. Se preferir, é só dizer que quer falar com uma pessoa da nossa equipe.",
    },
    "en": {
        Courtesy.GREETING: "Hello! How can I help you?",
        Courtesy.WELCOME: "You're welcome! I'm here if you need anything.",
        Courtesy.FAREWELL: "Thank you for getting in touch. Goodbye!",
        Courtesy.ASK_BACK: "I'm not sure I understood. Could you tell me in other words what you need?",
        Courtesy.TEXT_ONLY: "For now I can only read text. Could you write what you need?",
        Courtesy.HANDING_OVER: "I'm calling someone from our team to take it from here. One moment, please.",
        Courtesy.NOT_KNOWN: "I don't have that information here. I have called someone from our team to answer you.",
        Courtesy.NOTHING_FOUND: "I found no relevant information in the available documents.",
        Courtesy.ANYTHING_ELSE: "Can I help you with anything else?",
        Courtesy.GO_AHEAD: "Sure! What do you need?",
        Courtesy.NO_HURRY: "No hurry! I'm here whenever you want to go on.",
        Courtesy.AUTOMATED: "I'm a virtual assistant. If you prefer, just say that you want to talk to someone from our team.",
    },
    "es": {
        Courtesy.GREETING: "¡Hola! ¿En qué puedo ayudarle?",
        Courtesy.WELCOME: "¡De nada! Quedo a su disposición.",
        Courtesy.FAREWELL: "Gracias por su contacto. ¡Hasta luego!",
        Courtesy.ASK_BACK: "No entendí bien. ¿Puede decirme con otras palabras lo que necesita?",
        Courtesy.TEXT_ONLY: "Por ahora solo puedo leer texto. ¿Puede escribir lo que necesita?",
        Courtesy.HANDING_OVER: "Voy a llamar a una persona de nuestro equipo para continuar la atención. Un momento, por favor.",
        Courtesy.NOT_KNOWN: "No tengo esa información aquí. Ya llamé a una persona de nuestro equipo para que le responda.",
        Courtesy.NOTHING_FOUND: "No encontré información relevante en los documentos disponibles.",
        Courtesy.ANYTHING_ELSE: "¿Puedo ayudarle en algo más?",
        Courtesy.GO_AHEAD: "¡Claro! ¿Qué necesita?",
        Courtesy.NO_HURRY: "¡Sin prisa! Aquí estoy cuando quiera continuar.",
        Courtesy.AUTOMATED: "Soy un asistente virtual. Si lo prefiere, dígame que quiere hablar con una persona de nuestro equipo.",
    },
}
_SOURCE = {"pt": "Fonte", "en": "Source", "es": "Fuente"}


def say(courtesy: Courtesy, language: str) -> str:
    """The text of a courtesy in pt, en or es; in Portuguese for any other language."""
    return _TEXTS.get(language, _TEXTS["pt"])[courtesy]


def source_label(language: str) -> str:
    """The label before the name of a cited document."""
    return _SOURCE.get(language, _SOURCE["pt"])
