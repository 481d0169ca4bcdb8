"""Spanish: what closes, thanks, asks and complains, told apart by the kinds of `phrases_kind`."""

from typing import Final

WORDS: Final = {
    "want": (
        r"(?:queria|necesitaba|necesito|quiero|buscaba|deseaba|voy a necesitar|necesitare|quisiera|preciso|"
        r"necesite|requeria|precisaba|queriamos|necesitamos|necesitabamos|requiero|deseo|hacia falta|"
        r"tenia)(?: (?:saber|preguntar|de momento|por (?:hoy|ahora|el momento)|por ahora|consultar)){0,6}"
    ),
    "good": (
        r"buen[oa]?s?|muy buen[oa]?s?|gran|excelentes?|lind[oa]s?|bonit[oa]s?|feliz|maravillos[oa]s?|"
        r"estupend[oa]s?|agradable|hermos[oa]s?|fantastic[oa]s?|bell[oa]s?|genial|increible|grato|grata|"
        r"magnific[oa]|esplendid[oa]|perfect[oa]|mejor|bendecid[oa]"
    ),
    "may": r"(?:(?:y )?(?:que|le deseo|te deseo|les deseo|deseo que|espero que|y que) ){0,3}(?:(?:usted|tu|ustedes|vos) )?",
    "daypart": (
        r"(?:dia|dias|tarde|tardes|noche|noches|semana|fin de semana|finde|domingo|sabado|viernes|lunes|"
        r"resto del? (?:dia|tarde|noche|la tarde|la noche|la semana|semana)|viaje|trabajo|descanso|estancia|"
        r"jornada|velada|manana|vuelo|puente|ano|fiestas|vacaciones|cena|visita|estadia|navidad)"
    ),
}
"""Parts that the patterns name as `<part>`."""

TABLE: Final = r"""
complaint
    (?:muchas |mil )?gracias por nada
    (?:todavia|aun|hasta (?:ahora|hoy)) (?:no|nada|sigo|estoy|sin|espero|estamos)(?: \w+)?
    no (?:\w+ )?(?:llega|llego|llegado|funciona|funciono|recibi|recibido|resolvieron|resuelto|sirve|sirvio|
        responden|contestan|enciende|puedo entrar|ha llegado|estoy de acuerdo|es correcto|es cierto)
    (?:sigue|sigo|continua) (?:sin|con|igual|esperando|mal|roto)
    (?:mi )?dinero(?: de vuelta)?(?= ?(?:$|[.,!]))|reclam\w+|denunci\w+|verguenza|pesim[oa]|horrible|estafa|
        enganad[oa]|decepcionad[oa]|inaceptable|ridicul[oa]|quej\w+|demandar|equivocad[oa]|incorrect[oa]|(?:esta|
        salio|va) mal|emojiangry
resolved
    no(?: hace falta| gracias)?,? (?:gracias,? )?(?:yo )?(?:solo|solamente|nada mas) (?:queria|necesitaba|
        buscaba) (?:el|la|los|las|eso)
greeting
    (?:hola+|buenas|buenos dias|buenas tardes|buenas noches),? (?:todo bien|como estas?|como esta usted|
        que tal(?: todo)?|como va(?: todo)?)
assent
    (?:tiene|hace) (?:mucho )?sentido|no (?:hay|es|pasa)(?: ningun)? ?(?:problema|nada)|sin problemas?|
        ya (?:lo )?(?:anote|apunte|tome nota)
later
    (?:y )?(?<!pero )(?:si|cuando|en caso de que) (?:yo )?(?:me )?(?:necesito|necesite|necesitara|tengo|tenga|
        surge|surja|hace falta|quiero|llego a necesitar|preciso|necesitamos)(?: (?:de|algo|alguna|algun|mas|otra|otro|
        cualquier|ayuda|cosa|duda|dudas|preguntas?)){0,6}(?:,? (?:yo )?(?:te|le|les|os|los|me) (?:aviso|escribo|llamo|
        hablo|contacto|comunico|pregunto|busco)|,? vuelvo)?
    cualquier (?:cosa|duda)(?: mas)?(?:,? (?:yo )?(?:te|le|les|os|los|me) (?:aviso|escribo|llamo|hablo|contacto|
        comunico|pregunto|busco)|,? vuelvo)?
    (?:te|le|les|os|los) (?:aviso|llamo|escribo|confirmo|contacto)(?: (?:luego|despues|manana|mas tarde)){0,6}
    (?:luego|despues|manana|mas tarde|otro dia)(?: (?:te|le|les|lo|me|los)){0,6} (?:aviso|veo|llamo|escribo|paso|
        vuelvo|reviso|decido|hablo|confirmo|miro)(?: (?:a|de nuevo)){0,6}
    (?:(?:voy a|vamos a|quiero|necesito|tengo que|me lo|lo|la) ){1,6}(?:pensar(?:lo|melo)?|pienso|
        consultar(?:lo)?|consulto|meditar(?:lo)?|valorar(?:lo)?|evaluar(?:lo)?)(?: (?:bien|mejor|un poco|y|
        con calma)){0,6}(?: (?:te|le|les|os|aviso|digo|confirmo|llamo)){0,6}
    (?:sera|lo dejo|lo dejamos|queda) (?:en|para) (?:otra (?:ocasion|vez)|otro (?:dia|momento)|luego|despues)
word
    eso es todo (?:lo )?que (?:me van|tienen|tengo|se|recibi|tiene|encontre|hay|encontraste|puedes?|puede|hacen|
        ofrecen)
    nada mas (?:dos|tres|cuatro|cinco|uno|una|un|el|la|los|para|con|de|llegar|que)
    por eso|hasta (?:ahora|hoy|el (?=\w+ (?:no|se|me|voy|estoy|estare|puedo))|cuando|que|donde|las)(?! ?(?:$|
        [.!]))
advance
    (?:de antemano|desde ya|por adelantado|anticipadamente),? (?:muchas |mil |muchisimas )?(?:gracias|agradezco|
        agradecid[oa]|te agradezco|le agradezco)|(?:muchas |mil )?(?:gracias|agradecid[oa]) (?:de antemano|desde ya|
        por adelantado|anticipadas)|de antemano|desde ya|por adelantado
    (?:espero|aguardo|quedo a la espera de|esperando) (?:su|tu|una|la|pronta|vuestra) (?:pronta )?(?:respuesta|
        contestacion|solucion)
request
    (?:solo |nada mas |y ){0,6}(?:una?|1|otra|otro)(?: ultima| ultimo)? (?:cosa|cosita|pregunta|consulta|duda|momento|
        momentito|minuto|segundo|favor|detalle)(?: mas)?
    (?:(?:yo|tambien|ademas|ahora|solo|todavia|nosotros|me) ){0,3}(?:quiero|necesito|quisiera|necesitaria|queria|
        preciso|deseo|deseo|necesitamos|queremos|prefiero|preferiria|gustaria|encantaria|estoy buscando|
        busco|voy a (?:querer|necesitar)|estaba buscando|me quedo con|me llevo|requiero|
        desearia)(?: saber| que| un| una| el| la)?(?! (?:agradecer|darte las gracias|dar las gracias|
        darle las gracias|agradecerte|agradecerle|nada|saber nada|decir gracias|mas nada))
    (?:me |te |le |nos |lo |la |se )?(?:puedes?|pueden|podrias?|podrian|podria|puedo|podemos|podes|
        podeis)(?! (?:cerrar|finalizar|terminar))
    (?:me|nos) (?:ayudas?|ayuda|dices|dice|das|da|mandas?|envias?|pasas?|muestras?|confirmas?|indicas?|reservas?|
        recomiendas?|buscas?|encuentras?|gustaria|encantaria|interesa|haces|hace)(?! (?:ha|has) )(?! (?:igual|falta))
    (?:le |te |les |se |lo ){0,6}(?:agradeceria|agradezco si|agradecere)
    es posible|seria posible|sera que|hay (?:alguna|algun|forma|manera|posibilidad)
    (?:espera|espere|esperate|esperame|aguarda|un momento|antes de (?:terminar|cerrar|irme|colgar|finalizar))
    que tal si|y si
    por favor,? (?:\w+(?:e|a|ame|eme))(?= \w)
closing
    (?:(?:creo|pienso|supongo) que )?(?:(?:con )?(?:eso|esto|ello)(?: ya)? (?:es|seria|sera|era|fue|
        ha sido)(?: practicamente)? (?:todo|lo unico|suficiente)|(?:solo|solamente|era|seria|es|sera|fue|
        unicamente) (?:eso|esto)(?: nomas| nada mas)?|(?:eso|esto) (?:nomas|nada mas)|(?:eso|esto) era(?= ?(?:$|[.,!]| grac))|(?:es|seria|era|sera) todo|ya (?:es|
        seria|esta|estaria) todo|todo(?= por (?:hoy|ahora|el momento)))(?: (?:entonces|nomas|nada mas|
        ya)){0,6}(?: (?:lo )?que (?:yo )?<want>)?(?: (?:por (?:hoy|ahora|el momento)|de momento|
        por el dia de hoy)){0,6}(?! (?:lo )?que\b)
    (?:(?:por (?:hoy|ahora|el momento)|de momento),? )?(?:ya )?nada mas(?! (?:<want>))
    mas nada|nada por (?:ahora|hoy|el momento)|ninguna? (?:otr[ao]|mas|consulta|duda|pregunta)(?: (?:consulta|
        duda|pregunta|mas|cosa)){0,6}|ninguna?(?= ?(?:$|[.,!]| gracias| por))
    (?:ya )?(?:no|nada) (?:me )?(?:necesito|quiero|hace falta|tengo|preciso|deseo|necesitare|necesitamos|hay|
        queda|quedan|necesitaria|voy a necesitar|requiero|quisiera)(?: saber| tengo){0,6} (?:nada|mas(?= ?(?:$|
        [.,!]| gracias| nada| por| ayuda| informac| dud| pregunta| cosa| consulta))|ninguna?|otra|alguna)(?: (?:nada|
        mas|ayuda|dudas?|preguntas?|cosa|otra|consultas?|informacion|otra|cosas)){0,6}
    (?:sin|no tengo|no hay) (?:mas |otras? |ninguna (?:otra )?)?(?:dudas?|preguntas?|consultas?)
    (?:ya )?(?:tengo|consegui|obtuve) (?:todo|toda la informacion|todos los (?:datos|
        detalles))(?: (?:lo )?que (?:yo )?<want>)?
    (?:es |era )?(?:todo|lo unico) (?:lo )?que (?:yo )?<want>(?! es\b)
    (?:esa|ese|eso|esto|esta|este) (?:era|es) (?:mi (?:duda|consulta|pregunta)|lo que (?:yo )?<want>)
    (?:olvidalo|olvidelo|dejalo|dejelo|dejemoslo)(?: (?:asi|estar|ahi|para luego))?|da igual(?= ?(?:$|
        [.,!] ?(?:gracias|adios)))
    (?:ya )?(?:puedes?|pueden) (?:cerrar|finalizar|terminar)(?: \w+){0,3}
    (?:ya )?(?:esta|quedo|queda|ya esta|ha quedado) (?:todo )?(?:resuelto|listo|solucionado|claro|aclarado|
        cubierto|arreglado)(?: todo)?|todo (?:resuelto|listo|solucionado|claro|aclarado|arreglado)
    (?:con )?(?:eso|esto) (?:ya )?(?:deberia|debe|va a|tiene que|podria|puede) (?:de )?ser (?:todo|suficiente)
    (?:eso|esto) (?:lo )?(?:cubre|resuelve|aclara|responde|abarca) todo|(?:es|fue) (?:mas que )?suficiente
    (?:(?:eso|asi|esto) )?(?:ya )?(?:esta|es|estaria) (?:bien|bueno|perfecto|suficiente|genial) (?:por (?:ahora|
        hoy|el momento)|de momento|asi)
    (?:ya )?(?:hemos terminado|terminamos|termine|acabamos|he terminado|finalizamos)(?: (?:por (?:hoy|ahora)|aqui|
        ya)){0,6}
    (?:con )?(?:eso|esto) (?:me )?(?:basta(?:ria)?|resuelve|responde|aclara|ya basta|es suficiente|cubre|
        alcanza|soluciona|lo resuelve|lo cubre)(?: (?:todo|mi (?:duda|pregunta|consulta)|mis (?:dudas|preguntas)))?
    (?:asi|con eso|con esto) (?:ya )?(?:esta|estoy|estamos|quedo|quedamos) (?:bien|perfecto|listo|servid[oa])
    (?:ya )?estoy (?:servid[oa]|satisfech[oa]|list[oa])|estamos listos
resolved
    (?:ya )?(?:funciono|quedo|(?<=ya )funciona|se (?:soluciono|arreglo|resolvio)|lo (?:resolvi|solucione|consegui|
        logre|encontre)|pude)(?: (?:bien|perfecto|perfectamente|ya|todo|entrar|hacerlo)){0,6}
    (?:solo|solamente|nada mas|unicamente) (?:queria|necesitaba|buscaba|era)(?: (?:eso|esto|saber(?: eso)?|
        confirmar|la|el|verificar|agradecer|por saber|conocer)){0,6}
    (?:eso |es |era |fue |justo |justamente |exactamente ){1,6}lo que (?:yo )?<want>
    (?:me )?(?:quedo|queda|quedaron|ha quedado) (?:muy |todo |mas ){0,6}clar[oa]s?(?: todo)?|todo (?:bien|perfecto|
        correcto|en orden|claro|ok|excelente)(?! ?\?)
    problema (?:resuelto|solucionado)|(?:eso|me) (?:ayuda|sirvio)(?: (?:mucho|bastante)){0,6}
helped
    (?:me |nos )?(?:ha|has|han|haz|fue|fuiste|fueron|eres|es|sido|ayudo|ayudaste|ayudaron|salvaste|sos|
        son)(?: (?:sido|de|muy|mucha|mucho|gran|un|una|bastante|ayudado|tan|realmente|super|lo)){0,6} ?(?:util|utiles|
        amables?|ayuda|atent[oa]s?|genial|sol|crack|amor|servicial|gentil|lo maximo|mejor|maxim[oa]|excelente|
        increible|ayudado|mucho|muchisimo|bastante|encanto|eficiente)
    (?:muy|que|tan|super) (?:amables?|atent[oa]s?|gentil|util|servicial|considerad[oa])
    (?:excelente|buen|muy buen|gran|buena|muy buena|estupendo|que buen) (?:servicio|atencion|trabajo|ayuda)|
        felicidades por
    por (?:toda |todo |tu |su |la |el |vuestra |vuestro |las |los |tus |sus |tan |excelente |buena |gran |
        valiosa |rapida |pronta |mucha ){0,6}(?:ayuda|ayudar\w*|haberme ayudado|atencion|tiempo|apoyo|paciencia|
        amabilidad|asistencia|asistir\w*|servicio|todo|informacion|respuesta|rapidez|gentileza|orientacion|info|
        datos?|colaboracion|soporte|gestion|explicacion|aclarar\w*|aclaracion|resolver\w*|atenderme|consejos?|
        molestia|recomendacion|interes|disposicion|cooperacion|confirmar\w*|confirmacion)(?: (?:me|con (?:esto|eso|
        todo)))?
thanks
    (?:solo |yo |quiero |queria |quisiera |me gustaria |te |se |le |les |lo |os |pues |muy |muchas ){0,6}(?:agradezco|
        agradecer(?:te|le|les|lo|os)?|agradecid[oa]s?|agradecemos|agradecimientos?|dar(?:te|le|
        les)? las gracias)(?: (?:mucho|muchisimo|un monton|de verdad|bastante|tu ayuda|su ayuda|su atencion|
        infinitamente|por ello)){0,6}
    (?:(?:muchas|muchisimas|mil|infinitas|ok|bueno|tantas|dale|vale|un millon de|bien|pues|millones de|mch|mchas|
        muxas|y|le doy las|te doy las|demasiadas|doy las) ){0,6}(?:gracias|grax|grcs|grasias|gracia|grac|grazie|graciass|
        gracis|graciaz|thanks|thank you|thx|tks|merci|graciela)(?: (?:mil|igual|igualmente|totales|a (?:ti|usted|
        ustedes|vosotros|vos)|de (?:nuevo|verdad|todas formas|todos modos|todas maneras|corazon)|otra vez|nuevamente|
        totales|amig[oa]|en serio|tambien)){0,6}
    dios (?:te|le|los|lo|la) (?:bendiga|pague)|emojithanks|obrigad[oa]
farewell
    (?:pues )?(?:adios+|chao+|chau+|ciao|bye+|chaito|chaucito|agur|goodbye|adiosito)(?: (?:adios|chao|bye)){0,6}
    hasta (?:luego|pronto|manana|la (?:vista|proxima|noche|tarde)|otra(?: ocasion| vez)?|entonces|siempre|
        la semana (?:que viene|proxima)|mas (?:tarde|ver)|ahorita|lueguito|ahora|(?:el )?(?:lunes|martes|miercoles|
        jueves|viernes|sabado|domingo))(?= ?(?:$|[.!,]|y |grac|emoji|much|cui|que|entonces|ami))
    nos (?:vemos|estamos (?:viendo|hablando)|hablamos|escribimos|leemos)(?: (?:pronto|luego|manana|alli|ahi|
        el \w+|otro dia|despues|entonces|por ahi|la proxima)){0,6}
    (?:te|le|les) (?:veo|hablo)(?: (?:luego|pronto|manana|despues)){1,6}
    <may>(?:ten(?:ga|gas|gan|gais|ed)?|pas(?:e|es|en|a|eis|ad)|disfrut(?:e|es|a|en))(?: (?:tambien|usted|tu|todos|
        ustedes|igualmente)){0,2}(?: (?:un|una|unos|unas|del?|el|la|su|tu))?(?: (?:muy|super|resto de))?(?:
        (?:(?: (?:<good>)){1,3}(?: <daypart>)?|(?: <daypart>)(?: (?:<good>))?))(?: tambien)?
    <may>(?:(?:le|te|les|os) vaya|(?:lo |la )?pas(?:e|es|en)|est(?:e|es|en)|quede|siga)(?: (?:muy|super|todo))?
        (?: (?:bien|bonito|lindo|excelente|estupendo|genial))(?: tambien)?
    <may>disfrut(?:e|es|a|en)(?= ?(?:$|[.,!]))|pas(?:ala|alo|arla|atela|elo|ela) (?:muy )?bien
    (?<!fue )(?:un|una) (?:muy )?(?:(?:<good>) ){1,6}<daypart>
    (?:(?:<good>) ){1,6}(?:fin de semana|finde|semana|domingo|sabado|viaje|trabajo|descanso|jornada|resto del? \w+|
        provecho|suerte)(?: (?:para|a) (?:ti|usted|ustedes|todos))?
    (?:feliz|lind[oa]|bonit[oa]|excelente|gran|bell[oa]|hermos[oa]) (?:dia|tarde|noche)
    (?:igualmente|(?:para|a) (?:ti|usted|ustedes|vosotros) tambien|(?:tu|usted|ustedes) tambien|
        lo mismo (?:para ti|digo|para usted)|igual para (?:ti|usted))
    (?:un |mil |muchos |fuerte |cordial |cordiales |unos ){0,6}(?:saludos?|abrazos?|besos?|besitos?|
        saluditos?)(?: (?:cordiales?|a todos|fuerte|grande|enorme)){0,6}
    (?:cuidate|cuidese|cuidaos|te cuidas|se cuida|cuidense)(?: (?:mucho|bien)){0,6}|bendiciones|dios (?:te|le|
        los) (?:bendiga|acompane)|buena suerte|suerte|que (?:te |le |os |les )?vaya (?:muy )?bien|felices fiestas|
        exitos|emojibye|me despido|me (?:tengo que ir|voy)(?: ya)?|(?:ya )?(?:me )?tengo que irme|debo irme|
        atentamente|tchau
time_wish
    (?:muy )?(?:buenos dias|buen dia|buenas tardes|buenas noches|buena noche|buena tarde|bnas (?:tardes|noches)|
        buenas(?= ?(?:$|[.!,]|hola)))
next_step
    (?:ya |entonces |ahora |luego |despues |lo |la |los |las |me |te |manana |ahi |pues ){0,6}(?:voy a|vamos a|ire a|
        ire|vere|tratare de|intentare|esperare|pasare|(?:alli |ahi )estare|llamare|probare|revisare|pensare|voy|
        estare)(?: (?:esperar|ver|verlo|pensar(?:lo|melo)?|revisar(?:lo)?|probar(?:lo)?|intentar(?:lo)?|llamar(?:los|
        les)?|pasar(?:me)?|consultar(?:lo)?|hablar(?:lo)?|ir|anotar(?:lo)?|buscar(?:lo)?|comprobar(?:lo)?|avisar(?:te|
        les)?|dar una vuelta|estar alli|hacerlo|visitar(?:lo)?|evaluar(?:lo)?|contactar(?:los)?|alli|ahi|atent[oa]|
        pendiente))?
    (?:quedo|quedare|estoy|estare|me quedo|quedamos) (?:atent[oa]|pendiente|a la espera|esperando|
        al pendiente)(?: (?:entonces|a))?
    (?:asi )?(?:lo|la) (?:hare|tendre en cuenta|haremos|pruebo|intento|probare|intentare|mirare|vere|pensare|
        revisare)
    (?:yo|ya) (?:mism[oa]|me) (?:\w+)(?: (?:desde aqui|solo|sola))?|(?:yo )?me (?:encargo|ocupo|
        las arreglo)(?: (?:desde aqui|yo|de eso)){0,6}|(?:tengo|tenemos) (?:muchas |tantas )?ganas
    me paso (?:manana|luego|despues|por)|(?:estoy|estamos) (?:deseando|ansios[oa])|espero (?:que|con ansias)|
        no puedo esperar
but
    pero|sin embargo|aunque|excepto|salvo|no obstante|sino
question
    (?:cual|cuales|donde|adonde|cuant[oa]s?|quien|quienes|por que|xq|pq|a que hora|hasta (?:cuando|que)|
        que (?:hora|dia|tipo|precio|direccion|numero|es|son|otr[oa]s?|hay|tal (?:si|el|la)|tan|tienes?|lugar|zona|me|
        significa|incluye|opciones))
    (?:desde|hasta|para|de|con|en) (?:cuando|donde|cual|que (?:hora|dia|fecha))
    cuando(?! (?:llegue|pueda|reciba|este|quiera|tenga|necesite|vuelva|sea|salga|lo|me)\b)
    como (?:es|hago|funciona|puedo|se|llego|lo|seria|queda|esta|son|se llama|pago)
    (?:ustedes |tu |usted )?(?:tienes?|tienen|hay|abren|hacen|venden|aceptan|entregan|trabajan|existe|sabe|sabes|
        conoces|conoce|incluye)(?! (?:un|una) (?:buen|excelente|lind|gran))
    y (?:cuanto|si|como|cual|cuando|donde|que|en|el|la|los|las|para|sobre|de|con)(?= (?!ayuda|todo|eso es|buen|
        tengas?|atencion)\w)
imperative
    (?:entonces |pues |ahora )?(?:manda|mande|envia|envie|reserva|reserve|reservar|agenda|agende|agendar|cancela|
        cancele|cancelar|cambia|cambie|agrega|agregue|anade|anada|busca|busque|buscar|encuentra|encuentre|muestra|
        muestre|di|diga|dime|digame|confirma|confirme|verifica|verifique|pon|ponga|ponme|incluye|pasa|pase|llama|
        llame|ayuda|ayudame|compra|compre|haz|haga|reproduce|quita|elige|lista|continua|continue|proceda|procede|trae|
        recomienda|sugiere|proporciona|proporcione|indica|indique|adelante|intenta)(?! (?:mucho|bastante))|
        \w{2,}(?:ame|eme|enme|ime)(?:l[oa]s?)?(?<!dejame)(?<!llame)
adding
    tambien|ademas|por cierto|a proposito|otra cosa|ya que|en realidad|en su lugar|en cambio|mejor|oye|ah si|ahora
no
    no+(?: (?:no|senor\w*|por (?:ahora|el momento|hoy)|de momento|ahora|hoy|es necesario|hace falta|
        sera necesario|gracias no|creo|lo creo|me hace falta|es preciso)){0,6}|nop[es]?|nel|nada|en nada(?: mas)?|tampoco|
        negativo|(?:creo|pienso) que no|(?:por (?:ahora|el momento|hoy)|de momento|ahora|hoy),? no|aun no|todavia no|
        para nada|en absoluto|estoy bien(?: asi)?|no (?:me )?importa|asi (?:esta )?bien|ni
yes
    si+|sip|claro(?: que si)?|correcto|exacto|exactamente|por supuesto|asi es|efectivamente|eso(?: mismo| es)?|
        afirmativo|desde luego|ese|esa es|seguro|yes
assent
    (?:es)?ta (?:bien|bueno|todo bien)|ok+(?:ay|ey|i|is|s)?|okey|okay|vale|dale|va|sale|bueno|listo|lista|
        de acuerdo|entendid[oa]|entiendo|comprendo|comprendido|anotad[oa]|perfecto entonces|esta bien|muy bien|bien|
        okis|oki|sin problemas?|no (?:hay|pasa)(?: ningun)? ?(?:problema|nada)?|recibid[oa]|ya (?:me llego|lo (?:vi|
        tengo|recibi))|ya veo|ya|me parece (?:bien|perfecto|genial|estupendo|excelente|muy bien)|suena (?:bien|genial|
        perfecto|estupendo|muy bien|excelente|fantastico)|eso (?:me )?(?:esta|suena|parece|seria|funciona|es|
        sirve) ?(?:muy )?(?:bien|genial|perfecto|estupendo|excelente|bueno)?|queda|quedamos asi|ni modo|tranquilo|
        emojiok|va bien|enterad[oa]|claro
praise
    (?:que |muy |super |tan |mas que |todo )?(?:perfect[oa]|excelente|genial|estupend[oa]|maravillos[oa]|
        fantastic[oa]|buenisim[oa]|increible|chever[e]|bacan|padre|guay|buen[oa]?s?|bien|rico|lind[oa]|bonit[oa]|
        barbaro|fenomenal|super|espectacular|lastima|pena|alivio|mejor|magnific[oa]|ideal|interesante|me alegro?|
        me encanta|me gusta|wow|guau|brillante|util|asombros[oa]|impresionante|top|buena noticia|facil|rapid[oa])
please
    por favor|porfa|porfavor|porfis|x favor|xfa|please|pls
greeting
    hola+s?|holi|holis|buenas|que tal|como (?:estas?|esta usted|va|te va|andas|estan)|hey|hello|hi|alo|saludos|
        que onda|tal
filler
    orale|andale|parce|vecin[oa]|de una|pues|entonces|ah+|oh+|ay|eh+|mmm*|hm+|bueno|ya|mismo|asi|igual|igualmente|
        (?:ja){1,6}j?|(?:je){1,6}|amig[oa]s?|senor(?:a|ita|es)?|sr|sra|srta|don|dona|joven|chic[oa]s?|tio|hombre|mujer|todos|
        todas|equipo|emojismile|emojisad|mucho|muy|hoy|por (?:hoy|ahora|el momento)|de momento|de nuevo|otra vez|
        nuevamente|realmente|de verdad|usted|ustedes|ti|vos|tu|querid[oa]|compa|caballero|maestro|jefe|nomas|solo|
        solamente|alli|ahi|aqui|luego|mas|xd|guapa|guapo|cielo
and
    y|e|o|u|&
link
    por|que|de|del|sobre|a|al|para|con|en|cuando|si|como|hasta|desde
stop
    el|la|los|las|un|una|unos|unas|yo|tu|ella|ellos|nosotros|me|te|le|les|lo|se|nos|mi|mis|su|sus|este|esta|esto|
        ese|esa|eso|estos|esos|es|era|fue|son|ser|estoy|soy|fui|he|ha|has|han|hay|haber|sido|tengo|tiene|ya|todavia|
        aun|muy|mas|menos|no|todo|ayuda|ayudar|saber|decir|informacion|info|dia|hoy|atencion|respuesta|hecho|algo
"""
