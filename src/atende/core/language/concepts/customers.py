"""What a customer does with a sentence, told by how they speak: three languages in one table. A star stands for any letters."""

from typing import Final

TABLE: Final = """
req: agenda, apartame, arruma, avisa, avisame, avise, aviseme, book, bota, call me, cambiame, can i, can u,
    can we, can you, cancela, cancele, cancelen, coloca, confirma, confirme, corrige, could u, could you,
    dame, dejame, devolve, devuelvanme, digame, diz, envia, envie, falta, falto, faltou, fecha, go ahead,
    gostaria, haceme, i need, i want, id like, id rather, let me know, libera, liga, ligue, manda, mandame,
    mande, mandenme, marca, marque, me agenda, me apartame, me arruma, me avisa, me avisame, me avise, me
    aviseme, me bota, me cambiame, me cancela, me cancele, me cancelen, me coloca, me confirma, me confirme,
    me corrige, me dame, me dejame, me devolve, me devuelvanme, me digame, me diz, me envia, me envie, me
    fecha, me haceme, me libera, me liga, me ligue, me manda, me mandame, me mande, me mandenme, me marca, me
    marque, me olha, me pasame, me passa, me passe, me reserva, me reservame, me reserve, me resolve, me
    segura, me separa, me separe, me troca, me ve, me verifica, necesito, need to, olha, pasame, passa, passe,
    pf, pfv, please, pls, plz, pode, podem, poderia, podes, podria, podrian, por favor, porfa, porfavor,
    preciso, puede, puedes, put me, queria, quero, quiero, quisiera, reserva, reservame, reserve, resolve,
    segura, send, separa, separe, sign me, troca, ve, verifica, wanna
own: ahorita aviso, ahorita confirmo, ahorita digo, ahorita envio, ahorita faco, ahorita falo, ahorita hago,
    ahorita le, ahorita mando, ahorita pago, ahorita paso, ahorita passo, ahorita pego, ahorita subo, ahorita
    te, amanha aviso, amanha confirmo, amanha digo, amanha envio, amanha faco, amanha falo, amanha hago,
    amanha le, amanha mando, amanha pago, amanha paso, amanha passo, amanha pego, amanha subo, amanha te, as
    soon as, assim que, chegando, cuando llegue, cuando pueda, cuando salga, deixa eu, deixe, deja, dejame,
    depois aviso, depois confirmo, depois digo, depois envio, depois faco, depois falo, depois hago, depois
    le, depois mando, depois pago, depois paso, depois passo, depois pego, depois subo, depois te, en cuanto,
    encaminho, envio, gonna, ill, im gonna, ja aviso, ja confirmo, ja digo, ja envio, ja faco, ja falo, ja
    hago, ja le, ja mando, ja pago, ja paso, ja passo, ja pego, ja subo, ja te, le aviso, le confirmo, le
    cuento, le digo, le envio, le mando, le paso, let me, llegando, logo aviso, logo confirmo, logo digo, logo
    envio, logo faco, logo falo, logo hago, logo le, logo mando, logo pago, logo paso, logo passo, logo pego,
    logo subo, logo te, luego aviso, luego confirmo, luego digo, luego envio, luego faco, luego falo, luego
    hago, luego le, luego mando, luego pago, luego paso, luego passo, luego pego, luego subo, luego te, manana
    aviso, manana confirmo, manana digo, manana envio, manana faco, manana falo, manana hago, manana le,
    manana mando, manana pago, manana paso, manana passo, manana pego, manana subo, manana te, mando, noche
    aviso, noche confirmo, noche digo, noche envio, noche faco, noche falo, noche hago, noche le, noche mando,
    noche pago, noche paso, noche passo, noche pego, noche subo, noche te, noite aviso, noite confirmo, noite
    digo, noite envio, noite faco, noite falo, noite hago, noite le, noite mando, noite pago, noite paso,
    noite passo, noite pego, noite subo, noite te, on my way, once i, quando chegar, quando der, quando eu,
    quando puder, saliendo, te aviso, te confirmo, te conto, te cuento, te digo, te encaminho, te envio, te
    falo, te mando, te paso, te passo, te retorno, tonight, vamos, vou, voy, when i, when i get, will call,
    will check, will do, will get, will let, will send, will tell, will text, will try
unsure: dont know, duda, duvida, i assume, i guess, idk, imagino que, lo que no, me pregunto, n sei, nao
    entendi, nao ficou, nao sei, ni idea, no entendi, no entiendo, no idea, no se, not sure, num sei, sei la,
    sei nao, sei nem, sera que, so nao, supongo, wasnt sure, wonder*
noneed: carece nao, deixa, deixa assim, deixa p la, deixa para la, deixa pra la, deixa quieto, dejalo,
    desisti, dont need, esquece, forget it, n carece, n compensa, n precisa, n quero, n vou, nah, nao carece,
    nao compensa, nao precisa, nao quero, nao vou, nel, nem precisa, never mind, nevermind, no gracias, no
    hace falta, no necesito, no need, no quiero, no thanks, nop, nope, olvida, olvidalo, pass, precisa n*,
    relaxa, siempre no, ya fue, ya no
have: abriu, achei, already, apareceu, caiu, chegou, consegui, deu certo, era isso, fixed, foi, found, found
    it, funciono, funcionou, got it, it works, ja achei, ja chegou, ja comprei, ja consegui, ja deu, ja esta,
    ja fiz, ja foi, ja paguei, ja peguei, ja recebi, ja resolvi, ja ta, ja tenho, ja vi, llego, resolveu,
    resolvida, resolvido, works, ya aparecio, ya compre, ya esta, ya la, ya las, ya llego, ya lo, ya los, ya
    me, ya pague, ya quedo, ya salio, ya se, ya tengo, ya vi
still: again, ainda, aun, continua, de novo, didnt, doesnt, isnt, keep, keeps, nao abre, nao aparece, nao
    caiu, nao chegou, nao consigo, nao deu, nao funciona, nao recebi, nao veio, no abre, no anda, no aparece,
    no funciona, no llego, no me llego, no prende, no puedo, not working, nothing, otra vez, outra vez, segue,
    sigo, sigue, siguen, still, todavia, wont, yet
but: a proposito, agora, ah e, alias, also, another, aparte, aunque, btw, but, by the way, except, however, lo
    que, mas, nomas que, otra, outra, pero, por cierto, porem, so que, solo que, tambem, tambien, tb, tbm,
    tho, though
ok: alright, bele, beleza, blz, certo, claro, combinado, dale, deal, emook, entendi, entendido, fechado, isso,
    joia, kk, listo, ok, okay, okey, perfect, perfecto, perfeito, sale, show, si, sim, sip, sure, ta bem, ta
    bom, tranqui, tranquilo, tudo bem, vale, yea, yeah, yep, yes
thx: agradec*, appreciate, brigad*, cheers, emothanks, gracias*, grata, grato, grax, obg*, obrigad*, thank,
    thanks, thx, ty, tysm, valeu, vlw
bye: abraco*, abs, adios, ate, ate a, ate amanha, ate breve, ate logo, ate mais, beijo*, beso, besos, bj, bjs,
    boa descanso, boa dia, boa fds, boa feriado, boa fim, boa noite, boa semana, boa tarde, boa trabalho, bom
    descanso, bom dia, bom fds, bom feriado, bom fim, bom noite, bom semana, bom tarde, bom trabalho, buen
    dia, buen finde, buena noche, buena tarde, buenas noches, buenas tardes, bye, chau, emobye, falou, fica
    com deus, flw, good night, goodbye, goodnight, hasta luego, hasta manana, hasta pronto, have a good, have
    a great, have a nice, igualmente, que descanse, saludos, take care, tchau
laugh: emolaugh, emoshame, haha*, hehe*, jaja*, jeje*, kk*, lmao, lol*, rs, rsrs*
past1: *ed, *ei, *i, achei, bought, compre, comprei, did, encontre, fiz, found, fui, got, hice, put, swapped,
    vi, went
qw: a que hora, are, cade, can, como, could, cual, cuando, cuanta, cuanto, cuantos, da para, da pra, did, do,
    does, donde, hacen, hay, how, is, kd, o que, onde, oq, por que, porque, pq, puede, pueden, puedo, qto,
    quais, qual, quando, quantas, quanto, quantos, que horas, quem, quien, se puede, sera que, should, tem
    como, tienen, vc consegue, vc fazem, vc pode, vc podem, vc tem, vcs consegue, vcs fazem, vcs pode, vcs
    podem, vcs tem, voces fazem, voces podem, voces tem, what, when, where, which, who, why, will, would
cond: a menos que, a no ser, caso, con tal, contanto, desde que, if, se, si, unless
wish: bummer, fazer o que, lastima, ni modo, oh well, paciencia, pena, poxa, puts, puxa, que pena, too bad
surprise: aah, ah, ay, caraca, caramba, eita, guau, hmm, hum, nossa, oba, oh, omg, opa, oxente, phew, uau,
    ufa, uff, uy, vish, vixe, wow, yikes
regret: desconsidera*, desculpa, desculpe, disculpa, disculpe, disregard, engano, equivoque, foi mal, ignora,
    ignoralo, ignore, my bad, numero errado, oops, ops, perdon, pessoa errada, sorry, ups, wrong chat, wrong
    number, wrong person
missing: a mais, de mas, empty, equivocad*, errad*, except, extra, falta, faltan, faltando, falto, faltou,
    invalid*, menos, minus, missing, nada, nao abre, no abre, nomas que, nothing, only it, sem, sin, so que,
    sobrou, vacio, vazio, without, wrong
refuse: absurdo, ate o fim, devolucion, dinheiro de volta, enganado, estafa, esto no queda, golpe, hasta el
    final, inaceitavel, inaceptable, money back, nao aceito, nao concordo, nao vai ficar, no acepto, not good
    enough, procon, quero meu dinheiro, quiero mi dinero, scam, unacceptable
notsolved: ainda nao, aun no, isnt fixed, kinda, mais ou menos, mas ou menos, nada ainda, nao acabou, nao e
    isso, nao e so isso, nao era isso, nao esta resolvid*, nao estou satisfeit*, nao resolveu, nao terminei,
    no era eso, no es eso, no es solo eso, no esta resuelt*, no estoy satisfech*, no se resolvio, no termine,
    not all, not done, not fixed, not happy, not it, not resolved, not yet, todavia no
past3: *aba, *aram, *aron, *eram, *eu, *ieron, *io, *iram, *iu, *ou, came, era, estaba, estava, foi, fue,
    started, stopped, tava, was, went, were
decide: compro, continuo, entao, entonces, fico com, guess ill, im sticking, it is, me quedo, mejor, melhor,
    paso, pass, passa, passo, rather, sigo con, stick with, then, vou de, vou ficar
place: at work, chamba, dirigindo, driving, en el camion, en el trabajo, en la calle, in a meeting, in
    traffic, laburo, manejando, na reuniao, na rua, no onibus, no trabalho
"""
