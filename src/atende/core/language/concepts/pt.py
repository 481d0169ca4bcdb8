"""Portuguese: words by what they are about. A star stands for any ending of letters; words are folded."""

from typing import Final

TABLE: Final = """
i: comigo, eu, gente, me, meu, meus, mim, minha, minhas, nos, nossa, nosso
you: ce, ces, contigo, lhe, senhor, senhora, seu, seus, sr, sra, sua, suas, te, tu, vc, vcs, voce, voces
not: jamais, n, nao, nem, ninguem, nn, nunca, sem
still: ainda, continua*, segue, seguem
already: enfim, finalmente, ja
also: alem, mais, outra, outras, outro, outros, tambem, tb, tbm
but: agora, contudo, embora, entretanto, mas, porem, so que
if: caso, se
only: apenas, so, somente
assoon: assim, depois que, enquanto, logo que, qdo, qnd, quando
ask: aonde, cade, como, kd, onde, oq, porque, pq, qto, qts, quais, qual, quanta, quantas, quanto, quantos, que
    horas, quem
will: ira, irao, irei, iremos, vai, vamos, vao, vo, vou
can: consegue, conseguem, consigo, da, daria, pode, podem, podemos, poderia, poderiam, possivel, posso
want: adoraria, desejo, gostaria, precisamos, precisava, preciso, prefiro, queremos, queria, quero
must: deve, deveria, devo, falta, faltam, faltando, falto, faltou, tem que, tenho que, teria
hand: encaminha, encaminhar, encaminhe, entrega, entregar, entregue, envia, enviar, envie, enviem, leva,
    levar, leve, manda, mandar, mande, mandem, mostra, mostre, passa, passar, passe, traga, traz, trazer
tell: avisa, avisar, avise, confirma, confirmar, confirme, conta, conte, diga, diz, dizer, fala, falar, fale,
    informa, informar, informe, liga, ligar, ligue, responda, responde, responder
arrange: agenda, agendar, agende, arruma, bota, cancela, cancelar, cancele, coloca, colocar, coloque, devolva,
    devolve, faca, faz, fazer, fecha, fechar, feche, libera, liberar, libere, marca, marcar, marque, muda,
    mudar, mude, reserva, reservar, reserve, resolva, resolve, segura, segure, separa, separar, separe, tira,
    tirar, tire, troca, trocar, troque
i_do: aviso, busco, chamo, compro, confirmo, consulto, decido, deposito, digo, encaminho, envio, faco, falo,
    fasso, levo, ligo, mando, marco, pago, passo, pego, providencio, respondo, retiro, retorno, trago, vejo,
    verifico, volto
we_do: avisamos, avisaremos, aviso voce, confirmamos, entramos, entraremos, enviamos, enviaremos,
    informaremos, ligamos, ligaremos, mandamos, respondemos, retornamos, retornaremos, verificaremos
i_did: achei, aprendi, assinei, baixei, comprei, consegui, decidi, desisti, entendi, entrei, enviei, esqueci,
    falei, fiz, fui, instalei, liguei, mandei, marquei, paguei, peguei, recebi, resolvi, tentei, testei,
    tirei, troquei, vi
it_did: abriu, acabou, apareceu, caiu, chegou, clareou, deu, entrou, ficou, foi, funcionou, ligou, melhorou,
    parou, passou, resolveu, saiu, secou, sumiu, veio, voltou
worked: achado, achei, apareceu, arrumado, certinha, certinho, consertado, curou, encontrei, funciona,
    funcionando, funcionou, recuperei, resolveu, resolvida, resolvido, sarou
done: agendada, agendado, atualizada, atualizado, cancelada, cancelado, cancelei, concluida, concluido,
    confirmada, confirmado, corrigi, corrigida, corrigido, creditado, creditamos, desligamos, encerrada,
    encerrado, encerramos, enviada, enviado, enviei, estornado, feita, feito, liberada, liberado, liberei,
    marcada, marcado, pronta, pronto, reembolsado, registrada, registrado, removi, removida, removido,
    reservada, reservado, trocamos
thanks: agradec*, brigad*, grata, gratidao, grato, obg, obgd, obgda, obrigad*, valeu, vlw
bye: abraco*, abs, adeus, ate, beijo*, bj, bjo*, bjs, falou, flw, fui, tchau, tmj, xau
wish: boa, bom, descanso, deus, dia, fds, felicidades, feriado, noite, otima, otimo, semana, tarde
hello: bom dia, eai, oi, ola, opa, salve
ok: bele, beleza, blz, certo, combinado, demoro, demorou, entendi, entendido, fechado, fechou, joia, ok, okay,
    perfeito, show, suave, ta, tah, tranquilo
yes: aham, claro, confirmo, isso, positivo, sim, uhum
no: nada, nadica, nao, necas, negativo, nenhum, nenhuma
laugh: haha*, hauha*, hehe*, kk*, rs*, rsrs*
relief: aleluia, alivio, enfim, finalmente, gracas, sossegad*, tranquil*, ufa
good: ador*, alegr*, amei, atencios*, bacana, boa, bom, caprichad*, dez, educad*, excelent*, feliz, gentil*,
    impecavel, legal, lind*, maravilh*, massa, mil, nota, otim*, perfeit*, rapid*, show, simpatic*, top
praise: amor, anjo, anjos, brabo, craque, deusa, fofa, fofo, genial, parabens, querid*, salvaram, salvou
bad: absurdo, cara, caro, chatead*, decep*, demora*, demorou, descaso, espelunca, horrivel, odio, palhacada,
    pessim*, pior, raiva, ruim, salgado, triste, vergonha
defect: amassad*, bloquead*, cobrad*, cobraram, defeito, doendo, dor, duplicad*, errad*, erro, estragad*,
    falha, falhou, inchad*, manchad*, molhad*, parou, pinga*, problema*, quebrad*, quebrou, rachad*, rasgad*,
    sangr*, solta, solto, soltou, sumiu, torta, torto, travad*, travou, trocad*, vaza*, vazando, vencid*
giveup: carece, deixa, desencana, desisti, desisto, dispens*, esqueca, esquece, larga, nevermind, relaxa
need: necessario, precisa, precisam, precisar
later: breve, depois, dia, futuro, outra hora, proxima
when: agora, agorinha, amanha, cedo, daqui, dias, domingo, hj, hoje, horas, mes, minutos, noite, quarta,
    quinta, sabado, segunda, semana, sexta, tarde, terca, uteis
kin: amig*, avo, cunhada, cunhado, esposa, filha, filho, genro, irma, irmao, mae, mainha, marido, menina,
    menino, mulher, namorad*, neta, neto, noiv*, nora, pai, patroa, prima, primo, sogra, tia, tio, vizinh*, vo
place: aula, carro, casa, dirigindo, escola, estrada, mercado, onibus, reuniao, rua, servico, trabalho,
    transito
money: barato, bolso, conto, custa, desconto, dinheiro, grana, orcamento, pagar, parcela*, preco, r$, reais,
    valor
elsewhere: concorrente, fisica, lado, loja, mesm*, outro, propria, proprio, sozinh*
data: atestado, cadastro, cep, chave, cnpj, codigo, comprovante, cpf, data, documento, email, endereco, foto,
    fotos, link, nome, nota, numero, pdf, print, telefone
wait: aguard*, espera, esperando, espero, instante, instantinho, minutin, minutinho, minuto, momento, pera,
    perai, segundinho
check: analisar, averiguar, checar, conferir, consultar, levantar, medir, olhar, perguntar, pergunto,
    procurar, ver, verificar, verifico
offer: aceita, ajudar, deseja, gostaria, interesse, podemos, prefere, quer
optional: compromisso, desejar, opcional, precisando, quiser
sorry: desculp*, lamentamos, lamento, perdao, sentimos, sinto
unsure: acho, decidir, depende, duvida, imagino, pensar, penso, sei, sera, talvez
rate: avalia, avaliacao, avalie, estrela*, nota, pesquisa
stay: compro, continuar, continuo, ficar, fico, mantem, manter
joke: acredita, besta, boba, bobo, burro, doido, imagina, kk, mico, vergonha
end: encerrar, finalizar, nada, resolvido, so isso, tudo
wrongnum: confundi, destinatario, engano, errado numero, grupo, mensagem errada
return: retornar, retorno, volta, voltar, volto
never: jamais, nunca
promise_when: ainda hoje, assim que, ate amanha, em breve, logo mais
read: anotado, anotei, ciente, li, lido, ouvi, salvei, salvo, vi, visto
"""
