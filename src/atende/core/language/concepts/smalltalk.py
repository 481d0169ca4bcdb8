"""What is said without asking or telling anything: three languages in one table. A star stands for any letters."""

from typing import Final

TABLE: Final = """
courtesy: obrigad*, brigad*, obg, obgd, obgda, vlw, valeu*, agradec*, agradeco, grato, grata, gratidao, thanks, thank you, thx, ty,
    tysm, tks, cheers, appreciate it, much appreciated, gracias*, grax, merci, mil gracias, se lo agradezco, te agradezco,
    tchau*, xau, flw, falou, ate logo, ate mais, ate breve, ate amanha, ate a proxima, ate, adeus, abraco*, abs, bj, bjs, bjo*,
    beijo*, adios, chau, chao, ciao, hasta luego, hasta pronto, hasta manana, nos vemos, saludos, besos, abrazo*, bye, goodbye,
    good bye, see you, see ya, take care, later, cya, igualmente, pra voce tambem, para voce tambem, voce tambem, vcs tambem,
    pra vcs tambem, para ti tambien, para usted tambien, usted tambien, vos tambien, you too, same to you, likewise,
    de nada, por nada, imagina, disponha, nao ha de que, no hay de que, youre welcome, you are welcome, no problem, no worries,
    um otimo dia, otimo dia, otima tarde, otima noite, bom trabalho, bom descanso, bom fim de semana, bom final de semana,
    boa semana, tenha um bom dia, tenha uma boa noite, tenha um otimo dia, fica com deus, fique com deus, deus abencoe,
    deus te abencoe, amem, amen, dios lo bendiga, dios te bendiga, dios los bendiga, bendiciones, god bless,
    have a good day, have a nice day, have a great day, have a good one, que tenga buen dia, que tengas buen dia, buen finde,
    ok*, okay, okey, okok, blz, beleza, certo, ta bom, ta bem, ta certo, ta, tudo bem, tudo certo, combinado, fechado, fechou,
    joia, show*, top, massa, legal, bacana, maneiro, otimo, otima, perfeito, perfeita, maravilha, excelente, entendi, entendido, ciente,
    isso, isso mesmo, vale, dale, sale, listo, perfecto, genial, buenisimo, barbaro, joya, chido, entendido, de acuerdo, esta bien,
    bueno, cool, great, perfect, awesome, nice, fine, alright, all right, got it, understood, all good, sounds good, gotcha,
    kk*, rs, rsrs*, haha*, hehe*, jaja*, jeje*, hihi*, lol*, lmao, emothanks, emook, emobye, emojoy, emosmile, emolove, emolaugh,
    tmj, tamo junto, que bom, que bien, que bueno, adorei, amei, me encanto, loved it, era isso, era so isso, so isso, solo eso,
    eso es todo, era todo, thats all, thats it, nada mais, nada mas, nothing else, voce e um anjo, vc e um anjo, you rock
chatter: hum, hmm, humm, hm, ah, aah, ahh, oh, eita, eitaa, oxe, oxente, vish, vixe, nossa, caramba, caraca, uau, wow, guau, opa,
    puxa, poxa, puts, putz, aff, ai, ay, uy, ufa, uff, phew, que pena, uma pena, pena, que lastima, lastima, que chato, ni modo,
    paciencia, fazer o que, faz parte, too bad, oh well, bummer, what a pity, que triste, que raiva, serio, verdade, de verdade,
    really, e mesmo, pois e, sei, uhum, aham, mhm, emosad, emodoubt, emoshame, emoother, desculpa, desculpe, perdon, disculpa,
    disculpe, sorry, my bad, foi mal, oops, ops, ups, bom, boa, bem, bien, good, well
pause: perai, pera ai, pera, espera, espera ai, espere, um momento, um minuto, um minutinho, um instante, so um momento,
    so um minuto, so um instante, so um minutinho, ja volto, volto ja, volto logo, ja ja volto, calma ai, un momento, un minuto,
    un momentito, un ratito, ya vuelvo, ya vengo, ahorita vuelvo, ahora vuelvo, esperame, dame un minuto, espera un momento,
    one moment, one minute, one sec, a moment, just a moment, just a minute, just a sec, hold on, hang on, wait, wait a minute,
    brb, be right back, ill be right back, give me a minute, give me a sec, one second, a sec
robot: e um robo, e robo, e um bot, e bot, e uma maquina, e uma pessoa, e humano, e humana, e uma ia, e ia, es un robot,
    es un bot, eres un robot, eres un bot, eres humano, eres humana, eres una persona, sos un bot, sos un robot, sos humano,
    es una persona, es humano, es usted un robot, es usted humano, eres una maquina, eres una ia, are you a bot, are you a robot,
    are you human, are you real, are you a person, are you a real person, are you a human, are you an ai, is this a bot,
    is this a robot, is this a real person, am i talking to a bot, am i talking to a robot, to falando com um robo,
    estou falando com um robo, estou falando com uma maquina, to falando com uma maquina, estoy hablando con un robot,
    estoy hablando con una maquina, estoy hablando con un bot
yes: sim, s, ss, quero, quero sim, tem sim, tenho, tenho sim, sim tenho, pode, pode sim, claro, claro que sim, com certeza, por favor,
    preciso, preciso sim, aceito, si, sip, claro, por favor, quiero, necesito, puede, puedes, si quiero, si tengo, tengo, yes, yeah,
    yep, yup, sure, please, yes please, of course, i do, you can, actually yes, na verdade sim, la verdad si, isso
filler: muito, muita, mto, mt, mui, mesmo, msm, demais, viu, ne, pela, pelo, por, pela ajuda, pela atencao, pela informacao, ajuda,
    atencao, atendimento, informacao, informacoes, paciencia, tudo, voce, vc, voces, vcs, tb, tambem, e, a, o, de, entao, ai, aqui,
    moca, moco, amigo, amiga, querido, querida, gente, pessoal, senhor, senhora, y, muy, muchas, muchisimas, mucho, por la ayuda,
    por la atencion, por la informacion, la, el, su, usted, ustedes, amable, tambien, entonces, so much, very much, a lot, for,
    your, the, help, time, information, info, and, you, so, very, man, sir, maam, friend, dia, noite, tarde, bom dia, boa tarde,
    boa noite, buen dia, buenas noches, buenas tardes, good night, good evening, u, just, now, again, de novo, agora, por agora
"""
