"""What our side does with a sentence, told by how it speaks: three languages in one table. A star stands for any letters."""

from typing import Final

TABLE: Final = """
promise: *ara, *aran, *arao, *are, *arei, *aremos, *era, *eran, *erao, *ere, *erei, *eremos, *ira, *iran,
    *irao, *ire, *irei, *iremos, ainda hoje, as soon as, assim que, avisamos, aviso, confirmamos, confirmo,
    consulto, dame un, deje, dejeme, dentro de, em ate, en cuanto, entra em contato, entram em contato,
    enviamos, envio, escrevo, give me a, i have asked, i will, ill, im going to, ira *r, irei, iremos, ive
    asked, ja *o, ja lhe, ja te, le *mos, le *o, le *ra, le avisa, le aviso, le chamo, le confirmo, le digo,
    le envio, le escribe, le escribo, le falo, le ligo, le llama, le llamo, le mando, le marca, le marco, le
    paso, le retorno, les *mos, let me, lhe *o, liga amanha, liga hoje, liga para, ligamos, ligo, mandamos,
    mando, once, passa ai, passa amanha, peco, pergunto, permita, permitame, responde em, respondem em,
    respondemos, respondo, retorna para, retornamos, retorno, so um instante, so um momento, te *mos, te
    avisa, te aviso, te chamo, te confirmo, te digo, te envio, te escribe, te escribo, te falo, te ligo, te
    llama, te llamo, te mando, te marca, te marco, te paso, te retorno, um instante, um minuto, um momento, va
    a, vai *r, vamos, vamos a, van a, vem amanha, vem hoje, verificamos, verifico, volto, vou, voy a, we will,
    well be, will
pledge1: avisamos, aviso, deje, dejeme, i will, ill, irei, iremos, ja lhe, ja te, le aviso, le escribo, let
    me, lhe aviso, permitame, retornamos, retorno, te aviso, te escribo, vamos, vamos a, vou, voy a, we will
cond: apenas, as soon as, assim que, caso, cuando, depois que, en cuanto, if, logo que, once, quando, se a
    senhora, se o senhor, se quiser, se voce, si desea, si gusta, si lo, si me, si nos, si quiere, when
askdata: confirma, confirmame, confirme, contame, decime, digame, digite, dime, enviame, envie, envienos,
    escolha, i need, indicame, indique, informe, mandame, mandanos, mande, me confirme, me conta, me conte, me
    diga, me envie, me fale, me informe, me manda, me mande, me passa, me passe, necesitamos, necesitaria,
    necesito, need a, need the, need your, pasame, pasanos, pediu, please, pode enviar, poderia enviar, podria
    enviar, precisamos, precisaria, preciso, preencha, puede enviar, reply, responda, send me, tell me, text
    me, we need, would help
optional: any time, anytime, cuando guste, cuando gustes, es opcional, feel free, if you like, if youd like,
    nao e necessario, nao e precisa, nao e preciso, nao necessario, nao precisa, nao preciso, no es necesario,
    no hace falta, no need, opcional, optional, otherwise, quando quiser, se quiser, se tiver interesse, sem
    compromisso, si desea, si gusta, si gustas, si queres, si quiere, si quieres, up to you, whenever
done: acaba de, acabamos, acabei de, acabo de, agendada, agendado, booked, cancelada, cancelado, cancelamos,
    canceled, cancelei, cancelled, conclui*, confirmada, confirmado, corregida, corregido, corrigi*, credit*,
    done, encerrada, encerrado, encerramos, encerrei, enviado, enviei, estornad*, feito, has been, have been,
    hecho, is finished, ive *ed, ja aparece, ja cancel, ja envi, ja esta, ja foi, ja mand, liberado,
    liberamos, liberei, listo, mandei, prontinho, pronto, refunded, removed, removi*, sent, updated, we *ed,
    weve *ed, ya esta, ya la, ya le, ya lo, ya quedo, ya se, ya te
neg: cant, i cant, infelizmente, lamentablemente, nao aceitamos, nao e possivel, nao fazemos, nao ha, nao
    mais, nao temos, nao trabalhamos, no contamos, no hay, no manejamos, no podemos, no se puede, no tenemos,
    so amanha, unfortunately, we cant, we dont
rate: 0 a 10, 1 to 10, 1 to 5, avali*, califi*, de 0 a 10, de 1 a 5, del 1 al 5, encuesta, estrela, estrelas,
    experiencia, nota, pesquisa, puntua*, rate, rating, stars, survey
bye: adios, aproveite, ate a, ate amanha, ate breve, ate logo, ate mais, boa apetite, boa aula, boa banho, boa
    descanso, boa dia, boa feriado, boa festa, boa final, boa noite, boa prova, boa proveito, boa tarde, boa
    treino, boa viagem, bom apetite, bom aula, bom banho, bom descanso, bom dia, bom feriado, bom festa, bom
    final, bom noite, bom prova, bom proveito, bom tarde, bom treino, bom viagem, bon *, bons *, buen dia,
    buen fin, buen finde, buen provecho, bye, enjoy, excelente dia, excelente noche, excelente tarde, goodbye,
    hasta el, hasta luego, hasta manana, hasta pronto, have a good, have a great, have a nice, linda tarde,
    otima dia, otima noite, otima tarde, otimo dia, otimo noite, otimo tarde, que descanse*, que disfrute*,
    que la*, que le vaya, que lo*, que te vaya, que tenga*, take care, tchau
welcome: a disposicao, a la orden, as ordens, con gusto, de nada, disponha, excelente, glad, great, happy to,
    imagina, me alegra, my pleasure, no problem, nos alegra, otimo, our pleasure, para servir*, perfeito, por
    nada, que alegria, que bom, que bueno, welcome, wonderful, youre welcome
sorry: apolog*, desculp*, disculp*, lament*, perdon*, sentimos, sinto, sorry
more: ajudar em algo, algo a mais, algo en que, algo mais, algo mas, alguma duvida, alguna duda, alguna otra,
    any other, any questions, anything else, anything we should, em que mais, mais alguma, mais em que, otra
    cosa, outra coisa, something else
solved: apareceu, aparecio, caiu, certinho, chegou, clear, conseguiu, deu certo, did he, did it, did that, did
    they, foi entregue, foi resolvid*, funciono, funcionou, has it, has that, is everything, is it, is that,
    llego, lo ves, mejoro, melhorou, paso el, pudiste, pudo, quedo, resolveu, saiu, se resolvio, se ve, still,
    todo bien, todo en orden, tudo certo, working
choice: cual, cuantos, how many, o, or, ou, prefere, preferis, prefiere, qual, quantas, quantos, que dia, que
    hora, que horas, what time, when, which
offer: aceita, can i, desea, deseja, do you want, fechar, gostaria, interesse, levante, lo inicio, may i,
    podemos, posso, quer que, queres que, quiere que, quieres que, shall i, should i, te reservo, want me to,
    would you like
asked1: can you, consegue, could you, do you have, pode, poderia, podes, podria, puede, puedes, recebeu,
    recibio, tem, tenes, tiene, usted, voce
notify: avise, aviseme, avisenos, let me know, let us know, me avis*, nos avis*, tell me, tell us
instruct: abra, aperte, basta, check, clique, coloque, desligue, e so, es solo, intente, just, ligue, only
    have to, open, press, proba, pruebe, put, reinicie, restart, solo, tente, try, turn, use, verifique
price: $, costs, cuesta, custa, dolares, pesos, precio, preco, price, r, reais, valor
wait: a moment, aguarde, dejeme, espere, hold on, one minute, one moment, one second, permitame, so um, um
    instante, um minuto, um momento, un minutito, un minuto, un momento
auto: asistente virtual, assistente virtual, automatic, bem vind*, bienvenid*, digite, em que posso, en que
    puedo, how can i, how can we, marque, mensagem automatica, mensaje automatico, press, reply, responda,
    welcome to
third: administracion, area, billing, chofer, coordenador*, coordinador*, doctor*, doutor*, dr, dra, driver,
    entregador, equipe, equipo, financeiro, finanzas, gerente, laboratorio, manager, motorista, owner,
    repartidor, setor, supervisor*, team, technician, tecnico, warehouse
deadline: 24, 48, 72, ainda hoje, amanha, antes de, ate amanha, ate as, ate sexta, by, days, dentro de, dias,
    em ate, en un maximo, hoje, horas, hours, hoy, manana, this afternoon, this evening, today, tomorrow,
    within
"""
