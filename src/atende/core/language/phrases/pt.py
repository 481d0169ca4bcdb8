"""Portuguese: what closes, thanks, asks and complains, told apart by the kinds of `phrases_kind`."""

from typing import Final

WORDS: Final = {
    "only": r"(?:(?:e|era|foi|seria|sera|fica|ficou|e so|esta) )?(?:so|somente|apenas|tudo|unicamente)",
    "want": (
        r"(?:queria|precisava|preciso|precisei|quero|necessito|necessitava|gostaria|procurava|desejava|desejo|"
        r"vou precisar|vou querer|precisarei|faltava|pretendia|queriamos|precisamos|"
        r"precisavamos)(?: (?:de )?(?:saber|perguntar|mesmo|por (?:hoje|agora|enquanto))){0,6}"
    ),
    "good": (
        r"otim[oa]s?|bo[am]s?|bom|excelentes?|maravilhos[oa]s?|lind[oa]s?|belissim[oa]s?|bel[oa]s?|feliz|"
        r"abencoad[oa]s?|agradavel|incrivel|tranquil[oa]|fantastic[oa]|magnific[oa]|esplendid[oa]|grande|"
        r"perfeit[oa]|super|produtiv[oa]"
    ),
    "daypart": (
        r"(?:dia|tarde|noite|semana|fim de semana|final de semana|fds|feriado|domingo|sabado|sexta|segunda|"
        r"resto de (?:dia|tarde|noite|semana)|viagem|trabalho|descanso|estadia|ano|fim de tarde|final de tarde|"
        r"madrugada|manha|natal|pascoa|ferias|voo|jantar|almoco|passeio|estada)"
    ),
}
"""Parts that the patterns name as `<part>`."""

TABLE: Final = r"""
complaint
    (?:muito )?obrigad[oa] por nada|(?:valeu|gratidao|agradeco) por nada
    (?:ainda|ate agora|ate hoje) (?:nao(?! pensei)|nada|estou|to|sem|ta|esta)(?: \w+)?
    nao (?:\w+ )?(?:chegou|chega|funciona|funcionou|recebi|resolveu|resolve|consigo|consegui|adiantou|deu certo|
        liga|entregaram|veio|responde\w*|ajudou|esta certo|e verdade|concordo|aceito)
    nada (?:resolvido|funciona|chegou)
    (?:continua|segue) (?:sem|com|nao|igual|o mesmo|a mesma)
    dinheiro de volta
    procon|reclame aqui|reclam\w+|absurdo|vergonha|palhacada|descaso|pessim[oa]|horrivel|processar|justica|
        engan\w+|golpe|decepcion\w+|insatisfeit[oa]|errad[oa]|incorret[oa]|ridicul[oa]|emojiangry
resolved
    (?:nao(?: precisa| obrigad[oa])?|n|nem),? (?:obrigad[oa],? )?(?:eu )?(?:so|apenas|somente) (?:queria|
        precisava)(?: d)? ?[oae]s?
greeting
    (?:oi+|ola+|opa|eai|e ai|bom dia|boa tarde|boa noite|hey|salve),? (?:tudo|td|td?o) (?:bem|bom|certo|joia|
        tranquilo|bao)(?: (?:com|por|contigo) ?(?:voce|vc|voces|vcs|ai|aqui)?)?
assent
    faz (?:todo )?sentido|sem problemas?|nao tem problema|nao faz mal|nao ha problema
later
    (?:e )?(?:se|caso|quando) (?:eu |nos |a gente )?(?:precisar|precisarmos|precise|tiver|houver|surgir|quiser|
        necessitar|mudar)(?: de| por){0,6}(?: (?:algo|alguma|algum|mais|outr[oa]s?|qualquer|ajuda|coisa|voces?|vcs?|
        duvidas?|novo)){0,6}(?:,? (?:eu )?(?:te |lhe |os |a |vos )?(?:chamo|falo|volto|aviso|retorno|entro em contato|
        mando mensagem|grito|ligo|pergunto|procuro))?
    qualquer (?:coisa|duvida)(?: mais)?(?:,? (?:eu )?(?:te |lhe |os |a )?(?:chamo|falo|volto|aviso|retorno|
        entro em contato|mando mensagem|grito|ligo|pergunto|procuro))?
    (?:depois|amanha|mais tarde|outra hora|outro dia|logo)(?: eu)?(?: (?:te|lhe|os|me))? ?(?:vejo|volto|falo|
        chamo|ligo|aviso|passo|retorno|decido|resolvo|entro em contato|mando|apareco)(?: (?:com|de novo|aqui|ai)){0,6}
    (?:eu )?(?:te|lhe|os|vos) (?:aviso|chamo|retorno|ligo|procuro|falo|confirmo)(?: (?:depois|amanha|mais tarde)){0,6}
    (?:(?:ja|entao|eu|agora|ai|so) ){0,6}(?:vou|vamos|preciso|quero|vo) (?:(?:ainda|so|dar uma) ){0,6}(?:pensar|refletir|
        analisar|avaliar|decidir|conversar|consultar|pensada)(?: (?:melhor|um pouco|com calma|mais|nisso|sobre isso|
        e)){0,6}(?: (?:depois|te|lhe|eu|aviso|chamo|retorno|volto)){0,6}
    (?:fica|deixa|deixo|deixamos) (?:pra|para) (?:a )?(?:proxima|depois|outro dia|outra hora|outra vez)
word
    <only> (?:isso )?(?:que (?:voces?|vcs?|tem|tinha|consegui|recebi|chegou|veio|achei|sei|tenho|apareceu|aparece|
        me (?:deram|disseram)))
    ate (?:que enfim|agora|hoje|as|que|o|a(?! proxima| vista| logo| noite| tarde)|quando|onde|la(?= \w)|porque|pq|
        mesmo)
    por isso|isso tudo (?:que|de|e)
advance
    (?:desde ja|ja|antecipadamente) (?:muito )?(?:agradeco|agradecid[oa]|agradecemos|obrigad[oa])|
        (?:muito )?(?:obrigad[oa]|agradeco|agradecid[oa]|grat[oa]) (?:desde ja|antecipadamente|por antecipacao)|
        desde ja|antecipadamente
    (?:aguardo|espero|esperando|aguardando|aguardamos) (?:o |um |seu |sua |a |uma |pelo |por |vosso ){0,6}(?:retorno|
        resposta|contato|posicao|posicionamento|solucao)
request
    (?:so |mais ){0,6}(?:mais )?(?:uma|um|1) (?:outra |ultima |ultimo )?(?:coisa|coisinha|duvida|pergunta|detalhe|
        minuto|momento|minutinho|instante|segundo|pergunta|perguntinha)(?: mais)?
    (?:(?:eu|tambem|ainda|agora|so|nos|a gente) ){0,3}(?:queria|quero|preciso|precisaria|gostaria|necessito|
        desejo|precisamos|queremos|prefiro|vou querer|vou precisar|estou procurando|to procurando|procuro|busco|
        estou buscando|estou a procura|pretendo)(?: de| que| um| uma| o| a| saber| ver)?(?! (?:agradecer|te agradecer|
        mais nada|nada|dizer obrigad\w|lhe agradecer|so agradecer|apenas agradecer|que (?:voce )?tenha))
    (?:voces?|vcs?|tu|vc|ce|o senhor|a senhora|da pra|da para|sera que|tem como|eu) ?(?:pode|podem|poderia|
        poderiam|consegue|conseguem|conseguiria|da para|posso|poderiam)
    (?:pode|podem|poderia|poderiam|consegue|conseguiria|posso|podemos|podes)(?! (?:fechar|encerrar|finalizar|
        deixar|ser|ficar tranquil))
    da pra|da para|sera que|tem como|teria como|teria|ha como|e possivel
    (?:ficaria |fico |eu ){0,6}(?:agradeceria|agradecid[oa] se|agradeco (?:se|caso)|grat[oa] se)
    me (?:ve|manda|mande|envia|envie|diz|diga|fala|fale|passa|passe|ajuda|ajude|liga|ligue|informa|informe|
        explica|explique|mostra|mostre|da|de|traz|traga|avisa|avise|encontre|encontra|reserva|reserve|arruma|consegue|
        recomend[ae]|busque|indiqu?[ae]|confirm[ae]|arranj[ae])(?! (?:ajudou|salvou))
    (?:pera|espera|espere|perai|calma|calma ai|aguarda|aguarde|antes de (?:encerrar|fechar|terminar|
        finalizar|desligar|ir))
    por favor,? (?:\w+(?:e|a|ar))(?= \w)
    que tal|e se
closing
    (?:(?:acho|creio|acredito|penso|parece|imagino) que )?(?:(?:por (?:hoje|agora|enquanto|h?ora),? )?(?:isso|isto|aquilo) (?:e|
        era|foi|seria|sera|eh) (?:so|tudo|somente|apenas)(?: isso)?|<only> (?:isso|isto)|(?:e|era|seria|foi|sera|
        eh) (?:isso|isto)(?: (?:mesmo|msm|tudo|ai|so)){1,6}|(?:so|tudo)(?= por (?:hoje|agora|enquanto))|(?:e|era|eh|
        seria) so(?= ?(?:$|[.,!]| obrigad| valeu| por| mesmo| msm| isso| muito| vlw| obg| brigad)))(?: (?:mesmo|msm|
        ai|aqui|entao|tudo)){0,6}(?: (?:o )?que (?:eu |nos )?<want>)?(?: (?:por (?:hoje|agora|enquanto|h?ora)|no momento|
        pra hoje)){0,6}(?! (?:o )?que\b)
    (?:era|e|foi) (?:isso|so isso|essa|esse|este|esta)(?: a| o)?(?: minha| meu)? ?(?:que eu (?:queria|precisava|
        procurava)|que (?:queria|precisava)|duvida|a duvida)
    (?:era|eh?) (?:isso|so)(?= ?(?:$|[.,!]| obg| obrigad| vlw| valeu| msm| mesmo| muito| brigad))
    (?:tudo|e tudo|era tudo|foi tudo) (?:o )?(?:de )?que (?:eu |nos )?<want>(?! e (?:d[aeo]|um|uma|o|a|saber)\b)
    (?:a )?unica coisa (?:de )?que (?:eu )?<want>
    (?:nao |n )(?:tenho|ha|tem) (?:mais )?(?:outr[ao]s?|nenhuma|mais) (?:duvidas?|perguntas?|questao|questoes|
        coisas?)
    (?:mais )?nada mais|mais nada(?: nao)?|nao ha mais nada|nao tem mais nada|nada alem disso
    nao,? (?:obrigad\w,? )?(?:e|era) (?:so|tudo)
    (?:eu )?(?:ja )?(?:nao|n) (?:vou )?(?:preciso|quero|precisa|tenho|precisar|precisarei|necessito|desejo|
        precisamos|ha|gostaria|queria|restou|ficou|tem)(?: de| saber){0,6} (?:mais(?= ?(?:$|
        [.,!]| obri| de | nada| no | por | ajuda| informac| duvida| pergunta| coisa))|nada|mais nada|nenhuma?|
        outr[ao]s?|alguma)(?: (?:nada|ajuda|duvidas?|perguntas?|coisas?|nenhuma|outra|mais|informacao|informacoes|
        de nada|assistencia|outra)){0,6}
    (?:sem|nenhuma) (?:mais )?(?:duvidas?|perguntas?)(?: (?:mais|nao|por enquanto)){0,6}
    (?:nenhuma|nenhum)(?: (?:outra|outro|mais|duvida|nao)){0,6}
    (?:ja )?(?:tenho|consegui|obtive|peguei) (?:tudo|todas as informacoes)(?: (?:o )?que (?:eu )?<want>)?
    deixa? (?:pra|para) la|deixa quieto|deixa(?= ?(?:$|[.,!]| obri| vale))|esquece|esqueca|deixe (?:pra|para) la
    (?:pode|podem|podes) (?:fechar|encerrar|finalizar)(?: \w+){0,3}
    (?:tudo|ja (?:esta|ta)|estou|to|ficou|esta|ta|fica) (?:tudo )?(?:resolvid[oa]|certinho|feito|finalizad[oa]|
        esclarecid[oa]|satisfeit[oa]|servid[oa]|pront[oa])
    (?:isso|isto) (?:ja )?(?:deve(?:ria)?|vai|pode) ser (?:tudo|so isso|so)
    (?:isso|isto|ja)? ?(?:cobre|resolve|esclarece|responde) (?:tudo|todas? \w+(?: \w+)?)
    (?:isso |esta |ta |ja ){1,6}(?:e |esta |ta )?(?:bom|otimo|suficiente|bem|o suficiente|o bastante|de bom tamanho|
        bom assim|ok) (?:por (?:enquanto|agora|hoje)|no momento|assim)
    (?:nos )?(?:ja )?(?:terminamos|terminei|acabamos|acabei|finalizamos|encerramos)(?: (?:por (?:hoje|aqui|
        enquanto)|aqui|entao)){0,6}
    isso (?:resolve|responde|basta|ja basta|ja resolve|e suficiente|ja e suficiente|ja ajuda|
        esclarece)(?: (?:a )?(?:minhas?|tudo)(?: \w+)?)?
    (?:por (?:hoje|agora|enquanto|h?ora),? )(?:e )?(?:so|isso|tudo)(?: isso)?
    acho que (?:e )?(?:so|isso|e so|so isso|e isso)
    so(?= ?[.!]*$)
    e tudo(?= ?(?:$|[.,!]| por| obrigad| muito| que (?:eu )?(?:quero|preciso|precisava|queria)))
resolved
    (?:deu|dando) certo|(?:ja |agora ){1,6}funciona|funcion(?:ou|ando)(?: (?:sim|perfeitamente|aqui|agora)){0,6}|
        (?:ja )?(?:consegui|resolveu|resolvi|resolvido)(?: (?:sim|aqui|agora|meu problema)){0,6}|problema resolvido
    (?:so |apenas |somente )(?:queria|precisava|gostaria de|precisava de)(?: (?:mesmo|disso|isso|de|
        saber(?: isso)?|o|a|confirmar|agradecer)){0,6}
    (?:e|era|foi) (?:exatamente )?(?:isso|o) (?:mesmo )?que (?:eu )?<want>
    (?:deu (?:pra|para) entender|ficou claro|esta claro|ta claro|tudo claro|esclareceu|
        tirou minhas? duvidas?)(?: tudo| sim){0,6}
    tudo (?:certo|ok|bem|otimo|certinho|perfeito|em ordem|beleza)(?! ?(?:com|\?))
helped
    (?:voce |vc |voces |vcs |isso |me |ja |tu ){0,6}(?:ajudou|ajudaram|salvou|quebrou um galho|
        foi(?: muito| de grande| de muita| super| extremamente){0,6}|foram(?: muito)?|e(?: muito)?|sao)(?: (?:demais|
        muito|bastante|d\+|mt|mto|me)){0,6} ?(?:atencios[oa]s?|util|uteis|prestativ[oa]s?|ajuda|gentil|gentis|otim[oa]s?|
        10|dez|excelente|um amor|incrivel|querid[oa]|simpatic[oa]|maravilhos[oa]|solicit[oa])?(?<=[a-z]{6})
    (?:otimo|excelente|bom|maravilhoso|perfeito|parabens pelo) (?:atendimento|trabalho feito|servico)|parabens|
        nota (?:10|dez|mil)
    (?:pela|pelas|pelo|pelos|por|por toda|de|a|pra|com|por todo) (?:a |o |sua |seu |tua |toda |todo |todas |me |
        nos |vossa |essa |esta |esse |muito |otima |grande |otimo |bela |excelente |o seu |a sua |sempre |ter me |
        ter ){0,6}(?:ajuda|ajudar|ajudad[oa]|atencao|atendimento|tempo|apoio|suporte|paciencia|gentileza|assistencia|
        servico|tudo|prontidao|rapidez|informacao|informacoes|infos?|dicas?|cooperacao|disponibilidade|
        esclarecimentos?|esclarecer|orientacao|auxilio|forca|carinho|agilidade|disposicao|explicacao|colaboracao)
thanks
    (?:so |apenas |eu |mas |gostaria de |quero |queria |vim |te |lhe |lhes |vos |me |muito |mesmo |nos |
        so queria ){0,6}(?:agradec(?:o|er|emos|ido|ida|idos|e|imento|imentos))(?: (?:muito|demais|imensamente|a voces?|
        mesmo|a atencao|o atendimento|a ajuda|a gentileza)){0,6}
    (?:muito |muitissimo |mto |mt |mui |bem |super |meu muito |m |ok |mtt |mil |tudo bem ){0,6}(?:obrigad(?:o|a|os|as|
        ao|inho|inha|issimo|issima)|brigad(?:o|a|ao|inho|inha|u)|obrigd[oa]|obriga[dg][ao]|obrgad[oa]|obg+(?:d[ao]?|
        da|do)?|obgad[oa]|brig|brgd[oa]?|obri|obrigadao)(?: (?:mesmo|msm|demais|viu|tambem|tb|tbm|eu|voce|vc|de novo|
        novamente|igualmente|a voces?|ta)){0,6}
    valeu(?:s|zao|zaum)?(?: (?:mesmo|demais|viu|ai)){0,6}|va?lew|vlw+s?|vlws|v[aeu]l?w|tks|thx|thanks|thank you|ty|
        grat[oa]|gratidao|grat(?:issim[oa])|deus (?:te |lhe |lhes |os |o |a )?(?:abencoe|pague)|emojithanks|
        show de bola
farewell
    (?:entao )?(?:tchau+z?(?:inho)?|xau+|tchauzinho|chau|ciao|bye+|bye bye|adeus)(?: (?:tchau+|bye|xau)){0,6}
    ate (?:(?:a |uma )?(?:proxima|outra|vista)(?: vez| semana)?|mais(?: ver| tarde)?|logo(?: mais)?|breve|ja|
        amanha|depois|la|loguinho|mais ver|outro dia|outra hora|a noite|semana que vem|jazinho)(?= ?(?:$|[.!,]|e |e$|
        ent|obri|val|tchau|abra|bei|emoji|se |muito|vlw|obg|bom|boa|com|pessoal|amig|gente))
    ate (?:a |o |na |no )?(?:segunda|terca|quarta|quinta|sexta|sabado|
        domingo)(?:-feira| feira| que vem)?(?= ?(?:$|[.!,]|entao|obri|val|e obri))
    (?:a gente se|nos|(?:eu )?te) (?:ve|fala|vemos|falamos|vejo|falo)(?: (?:as \d\w*|\d\w*|depois|amanha|mais tarde|
        em breve|logo|por ai|la|outra hora|a noite)){0,6}
    (?:que )?(?:(?:voce |voces |vc |vcs |e |eu |e que |desejo |lhe desejo |te desejo |desejo a voce |espero que |
        que (?:a )?(?:senhora?|voce) ){1,6})?(?:tenha(?:m)?|tenhas?|tem|passe|passa|
        aproveite) (?:tambem |tb |voce |entao |vc |todos ){0,3}(?:(?:um|uma|o|a|seu|sua|umas) )?(?:(?:muito|resto de) )?
        (?:(?:(?:<good>) ){1,4}<daypart>|<daypart> (?:<good>|iluminad[oa]|pela frente))(?: (?:tambem|<good>)){0,3}
    (?<!foi )(?:um|uma) (?:muito )?(?:(?:<good>) ){1,6}<daypart>(?: (?:pra|para|a) (?:voces?|vcs?|todos|ti))?
    (?:(?:<good>) ){1,6}(?:fim de semana|final de semana|fds|semana|feriado|domingo|sabado|trabalho|descanso|viagem|
        ano|natal|restinho|resto de \w+)(?: (?:pra|para|a) (?:voces?|vcs?|todos|ti))?
    (?:bom|boa|otim[oa]) (?:dia|tarde|noite) (?:pra|para|a) (?:voces?|vcs?|todos|ti)(?: tambem)?|(?:otim[oa]|
        excelente|lind[oa]|maravilhos[oa]) (?:dia|tarde|noite)
    (?:igualmente|(?:pra|para|a) (?:voces?|vcs?|ti|vc) tambem|voces? tambem|vc tambem|igual pra voce)
    (?:um |uns |grande |forte |mil ){0,6}(?:abracos?|abs|bj+o?s*|beijos?|beijinhos?|beijao|abracao|
        bjinhos?)(?: (?:a todos|pra voces|grande|em todos|pra vc|no coracao))?
    (?:fica|fiquem?|fique|va|vai|fika) com deus|deus (?:te |os |o |a )?(?:abencoe|acompanhe)|se cuid[ae]|te cuida|
        cuide se|sucesso|boas vendas|flw+|falou(?= ?(?:$|[.!,]|valeu|vlw|obri|ate))|fui(?= ?(?:$|[.!]))|
        atenciosamente|(?:melhores |com os melhores )?cumprimentos|boa continuacao|com licenca|(?:att|atte)(?= ?(?:$|
        [.,]))|felicidades|tenho (?:que|de) (?:ir|sair)(?: agora)?|preciso (?:ir|sair)(?: agora)?(?= ?(?:$|[.,!]))|
        tmj|ta?mo ?junto|tamos junto|tudo de bom|boa sorte|emojibye|goodbye|adios|saudacoes
time_wish
    (?:muito )?(?:bom dia|boa tarde|boa noite|boa madrugada|bons dias|bos noite|bo[am] nt|bdia|bnoite)
next_step
    (?:ja |entao |eu |agora |depois |ai |qualquer coisa |se precisar |la |mais tarde |amanha |so ){0,6}(?:vou|irei|
        vamos|vo) (?:(?:la|sim|ja|entao|te|me|lhe|dar|ai|mesmo) ){0,2}(?:buscar|ver|verificar|pensar|esperar|aguardar|
        tentar|conferir|olhar|falar|ligar|passar|fazer isso|analisar|avaliar|pagar|aparecer|providenciar|anotar|
        procurar|consultar|decidir|retirar|visitar|chamar|testar|uma olhada|avisar|voltar|entrar em contato|conversar|
        indicar|recomendar|estar la|comparecer|ai)
    (?:fico|ficarei|vou ficar|estou|estarei|to|ficamos|ficaremos|fico ate) (?:(?:so|ja|entao|
        muito) )?(?:no aguardo|aguardando|esperando|a espera|ansios[oa])(?= ?(?:$|[.,!]|entao|obri|val|muito|
        da entrega|do entregador))
    (?:deixa comigo|eu me viro|eu (?:mesm[oa]|proprio|propria) (?:\w+)|eu cuido|daqui eu)(?: (?:daqui|disso|
        sozinh[oa]|mesm[oa]|depois)){0,6}
    (?:mal posso esperar|espero que|estou ansios[oa]|estamos ansios[oa]s)
but
    mas|porem|contudo|so que|entretanto|no entanto|todavia|embora|apesar
question
    (?:qual|quais|onde|aonde|quantos?|quantas?|quem|cade|oq|oque|pq|porque|por que|o que|a que horas|que (?:horas|
        dia|tipo|horario|tal|dias|preco|numero|bairro)|kd)
    quando(?! (?:eu|chegar|puder|receber|for|tiver|quiser|precisar|der|ele|ela|vier|estiver|fizer|voltar|sair)\b)
    como (?:e|eu faco|faco|faz|fica|funciona|posso|que|devo|seria|chego|vou|esta|esse|o|a|sao|se chama|pago|
        voces?)(?! (?:disse|falei))
    (?:voces? |vcs? )(?:tem(?! (?:sido|razao|toda))|tambem|abrem|fazem|entregam|aceitam|vendem|trabalham|ficam|
        cobram|atendem|possuem|conhece|sabe)
    tem(?! (?:um (?:bom|otimo)|uma (?:boa|otima)|sido|certeza|razao)\b)|ha (?:um|uma|algum|alguma|mais)|existe|
        e (?:quanto|se|como|qual|quando|onde|no|na|aos?|sobre|pra|para|o|a)(?= (?!tudo|so|isso|obrig|favor|gentil|
        ajuda)\w)
    sera que|quanto (?:e|custa|fica|tempo|sai|ta|esta)
imperative
    (?:entao )?(?:manda|mande|envia|envie|reserva|reserve|reservar|marca|marque|agenda|agende|agendar|cancela|
        cancele|cancelar|troca|troque|muda|mude|adiciona|adicione|encontre|procure|procura|busque|busca|mostre|mostra|
        diga|fale|confirma|confirme|verifique|verifica|veja|coloca|coloque|bota|separa|separe|inclui|inclua|passa|
        passe|liga|ligue|ajude|informe|explique|compre|compra|faca|faz|toque|toca|altere|remova|tira|tire|escolha|
        liste|continue|prossiga|traga|recomende|sugira|forneca|por favor)
adding
    tambem|tb|tbm|alem disso|a proposito|alias|ja que|falando nisso|outra coisa|mudando de assunto|ah sim|agora|
        em vez disso|na verdade
no
    nao+(?: (?:nao|mesmo|senhora?|por (?:enquanto|agora|hoje)|no momento|agora|hoje|e necessario|precisa|
        precisa nao|ha necessidade|sera necessario|sera preciso|e preciso|acho que nao)){0,6}|naum|nn+|n|nops?|nope|no|
        nem|negativo|nada(?: (?:nao|por (?:enquanto|agora|hoje))){0,6}|acho que nao|creio que nao|agora nao|hoje nao|
        (?:por (?:enquanto|agora|ora|hoje)),? nao|no momento nao|ainda nao|imagina|eu estou bem|estou bem|to bem|
        estou satisfeit[oa]|nao ha|sem necessidade|dispenso
yes
    sim+|ss+|s|isso(?: mesmo| ai)?|exato|exatamente|correto|corretamente|claro|com certeza|positivo|pode ser|
        pode sim|por favor sim|aham|uhum|certamente|quero sim|isto|afirmativo|yes
assent
    o+k+(?:ay|ei|s)?|okey|okay|okk|blz+|bele+za?|belez|certo|certinho|(?:ta|esta|tah) (?:bom|bem|certo|ok|legal|
        joia|otimo|beleza)(?: (?:entao|assim))?|ta|tah|tudo bem(?! ?\?)|entendi(?:do)?|compreendi(?:do)?|anotado|
        anotei|combinado|fechado|joia|tranquilo|tranks|de boa|sem problemas?|nao tem problema|nao faz mal|
        recebi(?:do)?(?: aqui)?|saquei|bom saber|pode deixar|ah ta|ata|a ta|aham|uhum|faz sentido|ciente|de acordo|
        tudo ok|fica (?:pra|para) (?:a )?proxima|parece (?:bom|otimo|perfeito|ok)|soa (?:bem|bom|otimo)|isso (?:e|
        esta|parece|soa|seria|ta|me serve|serve|funciona(?: (?:pra|para) mim)?) ?(?:muito )?(?:bom|otimo|perfeito|ok|
        bem|certo|excelente|legal)?|emojiok|sei|estou de acordo|concordo|vale
praise
    (?:que |muito |mt |mto |mais que |super |tao |bem )?(?:perfeit[oa]|otim[oa]s?|excelente|maravilha|
        maravilhos[oa]|show(?: de bola)?|top+|legal|bacana|massa|genial|sensacional|incrivel|fantastic[oa]|lind[oa]|
        bom|boa|bem|bonit[oa]|dahora|demais|fofo|fofa|gentil|interessante|util|espetacular|uau|oba|eba|alivio|pena|
        bom saber|espetaculo|magnific[oa]|melhor|barat[oa]|rapid[oa]|facil|joinha|fico feliz|adorei|amei|gostei)
please
    por favor|pfv|pf|pfvr|por gentileza|faz favor|se faz favor|pls|plz|please
greeting
    oi+(?:e|ee|zinho)?|ola+|eai|e ai|hey|hello|hi|alo+|oie|salve|fala|tudo (?:bem|bom|joia|certo)|td bem|
        como (?:vai|voce esta|vc esta|esta|vcs estao|voces estao|vao)(?: (?:voce|vc|voces))?
filler
    opa+|ah+|oh+|eh+|e|ne|viu|entao|hum+|hm+|aff|poxa|puxa|nossa|bom|bem|so|ja|mesmo|msm|kk*|rs+|(?:rs){1,6}|
        (?:ha){2,}h?|pois|pronto|amig[oa]s?|querid[oa]s?|moco|moca|mano|cara|irmao|gente|pessoal|senhor|senhora|sr|
        sra|dona|doutor|voces|voce|vcs|vc|todos|todas|meu|minha|amor|flor|linda|jovem|chefe|emojismile|emojisad|muito|
        demais|hoje|por (?:hoje|agora|enquanto|h?ora)|no momento|mais|de novo|novamente|igualmente|tudo|assim|ai|aqui|
        la|logo|mto|mt|tambem|realmente|apenas|somente|xx?|meus?|xd
and
    e(?= )|ou|&
link
    por|pela|pelo|pelas|pelos|que|de|da|do|das|dos|sobre|a|ao|aos|para|pra|pro|com|em|no|na|nos|nas|ate|se|quando|
        como
stop
    o|os|as|um|uma|uns|umas|eu|tu|ele|ela|eles|elas|nos|me|te|lhe|se|meu|minha|seu|sua|esse|essa|este|esta|isso|
        isto|aquilo|esta|estou|to|foi|era|ser|sou|e|sao|fui|vou|vai|vamos|tenho|tem|ter|ja|so|ainda|agora|muito|mais|
        menos|nao|quem|ajuda|ajudar|saber|dizer|falar|informacao|informacoes|info|dia|hoje|atendimento|resposta|
        retorno
"""
