"""Groups of words with related meanings in three languages: `prazo` also finds `tempo` and `deadline`."""

from functools import lru_cache

from atende.core.language.stems import stem

_LANGUAGES = ("pt", "en", "es")
GROUPS: dict[str, tuple[str, str, str]] = {
    "price": (
        "preco valor custo custar custa custam tarifa taxa",
        "price cost fee charge rate",
        "precio coste costo cuesta cuestan tarifa valor tasa",
    ),
    "duration": (
        "prazo tempo demora demorar demoram duracao dura leva levar",
        "deadline period duration time take takes",
        "plazo tiempo tarda tardan demora duracion dura lleva",
    ),
    "delivery": (
        "entrega entregar frete envio enviar envia enviam despacho despachar remessa chegar chega chegam",
        "delivery deliver shipping ship shipment postage send dispatch arrive arrives",
        "envio enviar envian entrega entregar despacho llegar llega llegan flete repartir reparto reparten",
    ),
    "return": ("devolver devolucao devolvo devolvem", "return returns", "devolver devolucion devuelvo devuelven"),
    "exchange": (
        "trocar troca substituir substituicao",
        "exchange replace replacement swap",
        "cambiar cambio reemplazar reemplazo sustituir sustitucion",
    ),
    "refund": (
        "reembolso reembolsar estorno estornar estornado ressarcimento ressarcir dinheiro volta devolver devolucao devolvemos",
        "refund refunded reimburse reimbursement money back",
        "reembolso reembolsar reintegro dinero vuelta devolver devolucion devolvemos",
    ),
    "place": (
        "endereco localizacao localizada localizado situada situado rua avenida bairro rodovia km",
        "address location located street avenue road directions",
        "direccion ubicacion ubicada ubicado calle avenida situada barrio ruta carretera kilometro km",
    ),
    "hours": (
        "horario abre abrem abrir aberta aberto abertas abertura fecha fecham fechar funcionamento expediente",
        "hours time open opens opening close closes closing schedule",
        "horario abre abren abrir abierto abierta apertura cierra cierran cerrar",
    ),
    "opening": (
        "abre abrem abrir aberta aberto abertas abertura fecha fecham fechar fechado",
        "open opens opening close closes closing closed",
        "abre abren abrir abierto abierta apertura cierra cierran cerrar cerrado",
    ),
    "call": (
        "telefone fone celular ligar ligue whatsapp contato contatar",
        "phone telephone call contact whatsapp number",
        "telefono llamar llame contacto contactar movil celular whatsapp",
    ),
    "mail": ("email mail correio", "email mail", "email mail correo"),
    "pay": ("pagar pagamento pago paga pagam", "pay payment paid", "pagar pago paga pagan"),
    "instalments": (
        "parcelar parcela parcelas parcelamento parcelado vezes",
        "installment installments instalment instalments",
        "cuota cuotas plazos mensualidades",
    ),
    "discount": (
        "desconto promocao promocoes cupom abatimento",
        "discount coupon promotion voucher",
        "descuento promocion cupon rebaja",
    ),
    "free": ("gratis gratuito gratuita gratuitamente isento isencao", "free complimentary", "gratis gratuito gratuita"),
    "receipt": (
        "nota nf recibo comprovante cupom danfe",
        "receipt invoice proof",
        "factura recibo comprobante ticket",
    ),
    "defect": (
        "defeito defeituoso quebrado quebrada quebrou quebrar estragado estragou avaria avariado danificado vicio",
        "defect defective broken broke damaged faulty fault damage",
        "defecto defectuoso roto rota rompio danado averiado averia falla",
    ),
    "warranty": ("garantia", "warranty guarantee", "garantia"),
    "withdraw": (
        "cancelar cancelamento cancelado desistir desistencia arrependimento arrepender arrependi",
        "cancel cancellation canceled cancelled withdraw withdrawal",
        "cancelar cancelacion desistir desistimiento arrepentimiento anular",
    ),
    "staff": (
        "funcionario funcionarios empregado equipe colaborador colaboradores",
        "employee employees staff team",
        "empleado empleados equipo personal",
    ),
    "founding": (
        "fundada fundado fundou fundacao fundador criada criado criou inaugurada inaugurado",
        "founded founder established created",
        "fundada fundado fundo fundacion fundador creada inaugurada",
    ),
    "parking": ("estacionamento estacionar vaga", "parking park", "estacionamiento aparcamiento aparcar"),
    "pickup": ("retirar retirada retiro buscar", "pickup collect collection", "recoger recogida retirar retiro"),
    "pets": ("pet cachorro cao gato animais", "pet dog cat", "mascota perro gato"),
    "children": ("crianca infantil filho menor", "child children kid", "nino infantil hijo menor"),
    "booking": (
        "agendar agendamento marcar marcacao reserva reservar remarcar",
        "book booking appointment schedule reservation reserve",
        "reservar reserva cita agendar turno",
    ),
    "size": ("tamanho medida medidas tamanhos", "size sizes measurement", "talla tamano medida"),
    "bring": ("levar trazer traga", "bring take", "llevar traer traiga"),
    "late": ("atraso atrasar atrasado tarde", "late delay delayed", "retraso retrasado atraso tarde"),
    "tracking": (
        "rastrear rastreio rastreamento acompanhar acompanhamento",
        "track tracking",
        "rastrear rastreo seguimiento seguir",
    ),
    "password": ("senha senhas", "password", "contrasena clave"),
    "start": ("comecar inicio iniciar", "start begin beginning", "empezar empieza comenzar comienza inicio"),
    "finish": ("terminar termina fim termino encerra encerramento", "end ends finish", "terminar termina fin final"),
    "gift": ("presente presentes", "gift gifts", "regalo regalos"),
    "repair": (
        "conserto consertar consertam reparo reparar assistencia manutencao",
        "repair repairs fix maintenance",
        "reparar reparacion arreglo arreglar mantenimiento",
    ),
    "age": ("idade anos", "age old years", "edad anos"),
    "transfer": ("transferencia pix deposito", "transfer wire", "transferencia deposito"),
    "owner": ("dono dona proprietario proprietaria", "owner", "dueno propietario"),
    "branch": ("filial filiais unidade unidades lojas", "branch branches stores locations", "sucursal sucursales tiendas"),
    "limit": ("limite maximo maxima", "limit maximum", "limite maximo maxima"),
    "minimum": ("minimo minima", "minimum least", "minimo minima"),
    "guest": ("hospede hospedes", "guest guests", "huesped huespedes"),
    "invite": ("visita visitar visitante visitantes", "visit visitor visitors", "visita visitar visitante"),
    "validity": (
        "validade valer vale valem valido vencer vence vencem vencimento expirar expira expiram",
        "valid validity expire expires expiry last lasts",
        "validez valer vale valen vencer vence caducar caduca",
    ),
    "owing": (
        "pagar paga pagam pagamos cobrar cobra cobram cobramos cobrado gratis gratuito isento",
        "pay charge charged free",
        "pagar paga pagan cobrar cobra cobran gratis gratuito",
    ),
    "device": (
        "celular aparelho smartphone dispositivo",
        "device phone handset smartphone appliance",
        "celular movil dispositivo aparato smartphone",
    ),
    "length": (
        "extensao comprimento quilometro metro km largura altura",
        "length kilometre kilometer metre meter mile height width",
        "longitud extension kilometro metro km altura ancho",
    ),
    "date": ("data dia", "date day", "fecha dia"),
    "people": ("pessoa habitante populacao morador", "people person inhabitant population resident", "persona habitante poblacion"),
    "weekday": (
        "segunda terca quarta quinta sexta sabado domingo feriado diariamente",
        "monday tuesday wednesday thursday friday saturday sunday weekday holiday daily",
        "lunes martes miercoles jueves viernes sabado domingo feriado festivo diario",
    ),
    "weekend": ("sabado domingo fds", "saturday sunday weekend", "sabado domingo finde"),
    "month": (
        "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
        "january february march april may june july august september october november december",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    ),
    "food": ("comida alimento alimentos refeicao refeicoes", "food meal meals", "comida alimento comidas"),
}  # fmt: skip

CALENDAR = frozenset({"weekday", "month"})
"""Groups of days and months: `Monday to Friday` may include a day that it does not name."""
LOOSE = CALENDAR | {"owing"}
"""Groups whose words are related but do not mean the same."""

KINDS = frozenset({"duration", "price", "hours", "place", "call", "mail", "date"})
"""Groups that name the kind of information that is asked for, not its subject."""

_BY_STEM: dict[str, dict[str, frozenset[str]]] = {language: {} for language in _LANGUAGES}
for _name, _words in GROUPS.items():
    for _language, _line in zip(_LANGUAGES, _words, strict=True):
        for _word in _line.split():
            _key = stem(_word, _language)
            _BY_STEM[_language][_key] = _BY_STEM[_language].get(_key, frozenset()) | {_name}
NONE: frozenset[str] = frozenset()


@lru_cache(maxsize=65_536)
def concepts(word: str, language: str) -> frozenset[str]:
    """The groups to which a folded word belongs in this language."""
    return _BY_STEM.get(language, _BY_STEM["pt"]).get(stem(word, language), NONE)


def concepts_of_stem(term: str, language: str) -> frozenset[str]:
    return _BY_STEM.get(language, _BY_STEM["pt"]).get(term, NONE)
