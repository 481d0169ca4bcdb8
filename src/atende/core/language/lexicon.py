"""Small words of Portuguese, English and Spanish, folded: what carries no matter of its own, and what turns a claim round."""


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP = {
    "pt": word_set("""
        empresa negocio estabelecimento
        a o as os um uma uns umas de do da dos das dum duma em no na nos nas num numa por pelo pela pelos pelas para
        pra pro pras pros com sem sob sobre entre ate apos ante e ou mas nem que se como quando onde quanto quanta
        quantos quantas qual quais quem porque pois ja nao sim so tambem muito muita muitos muitas mais menos bem
        mal la ca ai aqui ali isso isto aquilo este esta estes estas esse essa esses essas aquele aquela aqueles
        aquelas deste desta neste nesta desse dessa nesse nessa ao aos eu tu voce voces vc vcs ele ela eles elas vos
        me te lhe lhes meu minha meus minhas seu sua seus suas teu tua nosso nossa nossos nossas dele dela deles
        delas ser sou era eram foi foram seja sejam sera serao sendo sido estar estou estao estava estive esteja
        estejam ter tenho tem temos tinha tive tiver tenha tenham tera terao ha haver havia houve haja vai vao vou
        ir posso pode podem podemos poder podia poderia poderiam pude puder possa possam quero quer queria queriam
        quiser gostaria saber sabe sei dizer diz diga informar informa pergunta perguntar duvida duvidas favor
        porfavor pf pfv oi ola opa bom boa dia tarde noite obrigado obrigada obg valeu ok okay certo entao tipo
        assim agora ainda apenas cada outro outra outros outras todo toda todos todas tudo algum alguma alguns
        algumas nenhum nenhuma nada alguem ninguem mesmo mesma proprio propria qualquer quaisquer etc ne pq oque eh
        ta to pessoal gente conforme segundo durante desde enquanto caso embora porem portanto alem
    """)
    - {"dia", "tarde", "noite", "sem", "segundo", "caso", "informar", "informa"},
    "en": word_set("""
        company business anytime
        long
        somewhere anywhere elsewhere else
        a an the of in on at by for to from with without into onto over under about between among through during
        before after until and or but nor so if then than that this these those there here it its i you he she we
        they me him her us them my your his our their mine yours ours theirs is are was were be been being am do
        does did doing done have has had having can could may might must shall should will would what which who whom
        whose when where why how much many not no yes also too very just only own same such more most some any each
        every all both few other another as because while please hi hello hey thanks thank ok okay well tell know
        want wanted like need wondering question ask asking let get got im ive id whats theres dont doesnt cant wont
        didnt isnt arent anyone someone something anything once ever still now up out off down again further whether
        per via
    """)
    - {"need"},
    "es": word_set("""
        empresa negocio
        a al el la los las lo un una unos unas de del en por para con sin sobre entre hasta tras ante y e o u pero
        ni que si como cuando donde cuanto cuanta cuantos cuantas cual cuales quien quienes porque pues ya no
        tambien muy mucho mucha muchos muchas mas menos bien mal alli aqui ahi eso esto aquello este esta estos
        estas ese esa esos esas aquel aquella yo tu usted ustedes vosotros ella ellos ellas nosotros me te le les
        nos os se mi mis tus su sus nuestro nuestra nuestros nuestras suyo suya ser soy es son era eran fue fueron
        sea sean sera seran siendo sido estar estoy estan estaba esten tener tengo tiene tienen tenia tuve tenga
        tengan hay haber habia hubo haya va van voy ir puedo puede pueden podemos poder podria podrian pueda puedan
        quiero quiere queria quisiera gustaria saber sabe decir dime digame pregunta preguntar duda dudas favor hola
        buenas buenos dias tardes noches gracias ok vale entonces asi ahora aun todavia solo cada otro otra otros
        otras todo toda todos todas algun alguno alguna algunos algunas ningun ninguno ninguna nada alguien nadie
        mismo misma cualquier etc segun durante desde mientras caso aunque ademas ud uds
    """)
    - {"dias", "sin", "tardes", "noches", "caso", "segun"},
}
"""Words that are never the matter of a question."""

GENERIC = {
    "pt": word_set("""
        tipico tipica famoso famosa conhecido conhecida principal incluso inclusa inclusos incluido incluida
        incluidos disponivel disponiveis dia dias mes meses ano anos semana semanas minuto minutos hora horas antes
        depois quantidade levar levo leva trazer trago entrar sair colocar botar deixar deixo mudar acho achar vejo
        olhar conta valem vale loja produto produtos item itens compra comprar comprei pedido pedidos cliente
        clientes empresa fazer faz faco feito fazem dar deu da existe existem possivel consigo consegue conseguem
        preciso precisa precisam precisar necessario dever devo deve devem funciona funcionam funcionar acontece
        acontecer usar uso usa utilizar receber recebo recebi recebe coisa coisas jeito forma formas maneira tipo
        tipos opcao opcoes informacao informacoes informar detalhe detalhes ajuda ajudar conta oferecem oferece
        trabalham trabalha aceita aceitam aceito vendem vende ficar fica ficam passar passa servico servicos regra
        regras politica condicao condicoes caso numero nome site pessoa pessoas alguma vez vezes hoje amanha ontem
        primeiro depois antes novo nova ver veio vem chegar chega chegou quero mandar mandam mandou pegar incluir
        inclui
    """),
    "en": word_set("""
        typical famous known main stay
        included available
        day days month months year years week weeks minute minutes hour hours before after later date time old
        bring put leave enter happens start look looking got getting long much many kind sort tell
        store shop product products item items purchase buy bought order orders customer company make made makes
        possible work works happen happens happened use used uses using receive received thing things way ways kind
        type types option options information info detail details help offer offers provide accept accepts sell
        sells need needs needed take takes give gives service services rule rules policy condition conditions case
        number name site website people person today tomorrow first new old able allowed allow include includes
        included find show say says mean go come back
    """),
    "es": word_set("""
        tipico tipica famoso famosa conocido conocida principal
        incluido incluida incluidos disponible disponibles
        dia dias mes meses ano anos semana semanas minuto minutos hora horas antes despues fecha
        llevar llevo traer entrar salir poner dejar mirar vale valen
        tienda producto productos articulo articulos compra comprar compre pedido pedidos cliente clientes empresa
        hacer hace hago hacen hecho dar existe existen posible consigo necesito necesita necesitan necesario deber
        debo debe deben funciona funcionan pasa pasar usar uso usa utilizar recibir recibo recibe cosa cosas forma
        formas manera tipo tipos opcion opciones informacion detalle detalles ayuda ayudar ofrecen ofrece aceptan
        acepta venden vende queda quedan servicio servicios regla reglas politica condicion condiciones caso numero
        nombre sitio persona personas hoy manana primero despues antes nuevo nueva ver llegar llega mandan mandar
        incluir incluye
    """),
}
"""Words that a question needs, though nearly every page of a business has them: they weigh little."""

EVERYDAY_VERBS = {
    "pt": word_set("""
        acabar achar ajudar aparecer atender buscar cair chamar comecar iniciar terminar conhecer continuar correr
        descobrir encontrar entender escolher escrever esperar esquecer existir explicar falar faltar gostar
        imaginar lembrar mandar manter mostrar mudar oferecer olhar ouvir parar parecer pedir pegar pensar permitir
        precisar procurar realizar resolver responder seguir sentir servir significar sobrar tentar tirar tomar
        trabalhar usar ver virar deixar levar trazer entrar sair colocar conseguir receber fazer ficar passar
        utilizar funcionar acontecer aceitar vender comprar ganhar valer dever
    """),
    "en": word_set("""
        accept allow arrive ask become begin start end finish believe bring call change choose come contact continue
        decide do expect explain find follow forget get give go happen have hear help hold include keep know leave
        let like look make mean move need offer provide put read receive remember say see seem sell send show speak
        stay stop take talk tell think try turn understand use wait walk want work write buy enter contain describe
    """),
    "es": word_set("""
        acabar aceptar ayudar aparecer atender buscar caer llamar empezar comenzar terminar conocer continuar correr
        descubrir encontrar entender escoger elegir escribir esperar olvidar existir explicar hablar faltar gustar
        imaginar recordar mandar mantener mostrar mirar ofrecer parar parecer pedir coger pensar permitir necesitar
        realizar resolver responder seguir sentir servir significar sobrar intentar sacar tomar trabajar usar ver
        dejar llevar traer entrar salir poner conseguir recibir hacer quedar pasar utilizar funcionar vender comprar
        ganar valer deber
    """),
}
"""Verbs that say little of what is asked, in all their forms."""

NUMBER_WORDS = {
    word: value
    for value, words in {
        2: "dois duas two dos", 3: "tres three", 4: "quatro four cuatro", 5: "cinco five", 6: "seis six", 7: "sete seven siete",
        8: "oito eight ocho", 9: "nove nine nueve", 10: "dez ten diez", 11: "onze eleven once", 12: "doze twelve doce",
        15: "quinze fifteen quince", 18: "dezoito eighteen dieciocho", 20: "vinte twenty veinte", 24: "twentyfour",
        30: "trinta thirty treinta", 40: "quarenta forty cuarenta", 45: "quarentaecinco", 50: "cinquenta fifty cincuenta",
        60: "sessenta sixty sesenta", 70: "setenta seventy", 80: "oitenta eighty ochenta", 90: "noventa ninety",
        100: "cem hundred cien", 1000: "mil thousand",
    }.items()
    for word in words.split()
    if word not in {"dos", "once"}
}  # fmt: skip
"""Numbers written out. Articles (um, one, uno) and words that mean something else in a sister language are left out."""

NEGATIONS = {
    "pt": word_set("nao nem nunca jamais nenhum nenhuma proibido proibida vedado vedada impossivel indisponivel"),
    "en": word_set(
        "not no never none cannot cant dont doesnt didnt wont isnt arent unable neither nor forbidden unavailable"
    ),
    "es": word_set("no nunca tampoco jamas ningun ninguna ninguno prohibido prohibida imposible ni"),
}
"""Words that turn a claim into its contrary."""

RESTRICTIONS = {
    "pt": word_set(
        "sem exceto salvo apenas somente so exclusivamente fechado fechada fechados fechadas perde recusa recusado esgotado"
    ),
    "en": word_set("without except excluding excluded only unless closed void refused refuse lose sold"),
    "es": word_set("sin excepto salvo solo solamente unicamente cerrado cerrada cerrados pierde agotado"),
}
"""Words that may be said with a negation and without one: closed on Sundays, not open on Sundays."""
