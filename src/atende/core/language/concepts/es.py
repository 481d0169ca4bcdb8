"""Spanish: words by what they are about. A star stands for any ending of letters; words are folded."""

from typing import Final

TABLE: Final = """
i: conmigo, me, mi, mia, mio, mis, nos, nuestra, nuestro, yo
you: contigo, le, les, su, sus, te, ti, tu, ud, uds, usted, ustedes, vos
not: jamas, nadie, ni, ningun, ninguna, no, nunca, sin, tampoco
still: aun, continua, sigo, sigue, siguen, todavia
already: fin, finalmente, ya
also: ademas, aparte, mas, otra, otras, otro, otros, tambien, tb, tmb
but: aunque, nomas que, pero, sino, solo que
if: si
only: nomas, solamente, solo, unicamente
assoon: apenas, cuando, en cuanto, luego que, mientras
ask: adonde, como, cual, cuales, cuando, cuanta, cuantas, cuanto, cuantos, donde, porque, que hora, quien
will: ira, iran, ire, iremos, va, vamos, van, vas, voy
can: podemos, podes, podria, podrian, podrias, posible, puede, pueden, puedes, puedo
want: deseo, gustaria, necesitaba, necesitamos, necesito, ocupo, prefiero, queremos, queria, quiero, quisiera
must: debe, deberia, debo, falta, faltan, faltando, falto, hay que, tendria, tengo que
hand: entrega, entregue, envia, enviame, enviar, enviar*, envie, lleva, llevar, lleve, manda, mandame, mandar,
    mande, mandeme, manden, pasa, pasame, pasar, pase, paseme, trae, traer, traiga
tell: avisa, avisame, avisar, avise, aviseme, confirma, confirmame, confirmar, confirme, conta, cuenta,
    decime, decir, diga, digame, dime, informa, informe, llama, llamame, llamar, llame, marcar, marque,
    responda
arrange: agenda, agendar, agende, aparta, apartame, apartar, aparte, arregla, arregle, cambia, cambiar,
    cambie, cancela, cancelar, cancele, deja, dejame, deje, devolver, devuelva, devuelve, hacer, haga, haz,
    libera, libere, pon, poner, ponga, reserva, reservame, reservar, reserve
i_do: averiguo, aviso, bajo, busco, compro, confirmo, consulto, deposito, digo, envio, hago, llamo, llevo,
    mando, marco, pago, paso, pregunto, recojo, respondo, retiro, subo, traigo, veo, vuelvo
we_do: avisamos, avisaremos, confirmaremos, contactara, contactaran, contactaremos, enviaremos, escribimos,
    escribira, escribiremos, escribo, informaremos, llamamos, llamara, llamaremos
i_did: abri, baje, cambie, compre, conte, decidi, desisti, encontre, entendi, entre, envie, firme, fui, hable,
    hice, instale, intente, llame, mande, olvide, pague, probe, pude, recibi, recogi, resolvi, saque, subi, vi
it_did: abrio, aparecio, cayo, dio, entro, fue, funciono, llego, mejoro, paro, paso, prendio, quedo, resolvio,
    salio, toco, vino, volvio
worked: anda, andando, aparecio, arreglado, arreglo, encontrado, encontre, funciona, funcionando, funciono,
    recupere, resuelta, resuelto, solucionado
done: acreditado, actualizada, actualizado, agendada, agendado, cancelada, cancelado, cancele, cerrada,
    cerrado, concluido, confirmada, confirmado, corregi, corregida, corregido, di, entregada, entregado,
    enviada, enviado, envie, hecha, hecho, liberada, liberado, lista, listo, quedo, reembolsado, registrada,
    registrado, removido, reservado
thanks: agradec*, agradezco, gracias, graciass*, grax, grcs
bye: abrazo*, adios, beso*, besos, bye, chao, chau, hasta, nos vemos, saludos
wish: bendiga, buen, buena, buenas, buenos, descansa, descanse, dia, dios, felicidades, finde, linda, lindo,
    noche, semana, tarde
hello: buenas, hola, holi, que onda
ok: barbaro, bien, bueno, dale, entendido, entiendo, joya, listo, ok, okay, okey, orale, perfecto, sale, sip,
    tranqui, va, vale
yes: claro, correcto, eso, exacto, si, simon, sip
no: nada, nel, ninguna, ninguno, no, nono, nop
laugh: ajaj*, jaja*, jajaj*, jeje*, jiji*, jsjs*
relief: alivio, fin, gracias a dios, menos mal, tranquil*, uf, uff
good: ador*, alegr*, amable*, atent*, barbaro, buena, buenisim*, bueno, chido, copado, educad*, encant*,
    excelente*, feliz, genial, hermos*, impecable, lind*, maravill*, padre, perfect*, piola, puntual*, rapid*
praise: amor, angel, angeles, capo, crack, felicit*, genia, genio, grande, lindura, reina, rey, sol
bad: bronca, cara, caro, coraje, decep*, demor*, enojad*, fatal, gacho, gachos, garron, horrible, macana, mal,
    mala, malo, peor, pesim*, rabia, tarda*, triste, verguenza
defect: abollad*, bloquead*, cobr*, danad*, defecto, desapareci*, descos*, doble, duplicad*, equivocad*,
    error, estropead*, expir*, falla, fallo, gotea*, manchad*, mojad*, problema*, quebr*, rajad*, rompio,
    rot*, suelt*, torcid*, trab*, venci*, vencid*
giveup: ahi muere, cancela, deja, dejalo, descuida, desisti, desisto, olvida, olvidalo, olvidate, ya fue
need: hace falta, necesario, necesita, necesitas, ocupa
later: despues, futuro, luego, otro dia, pronto, proxima, proximo
when: ahora, ahorita, dias, domingo, habiles, horas, hoy, jueves, lunes, manana, martes, mes, miercoles,
    minutos, noche, orita, sabado, semana, tarde, temprano, viernes
kin: abuela, abuelo, amig*, comadre, compadre, cunada, cunado, esposa, esposo, hermana, hermano, hija, hijo,
    jefa, madre, mama, marido, mujer, nieta, nieto, nina, nino, novia, novio, nuera, padre, papa, patrona,
    prima, primo, suegra, suegro, tia, tio, vecin*, vieja, viejo, yerno
place: auto, calle, camion, carro, casa, chamba, clase, escuela, jale, junta, laburo, manejando, mercado,
    oficina, trabajo, transito
money: $, barato, cuesta, cuota*, cuotas, descuento, dinero, euros, lana, pagar, pesos, plata, precio,
    presupuesto, soles, valor
elsewhere: competencia, lado, local, mism*, otro, propia, propio, sol*, tienda
data: captura, cedula, clave, codigo, comprobante, correo, cp, cuit, direccion, dni, documento, factura,
    fecha, folio, foto, fotos, guia, link, mail, nombre, numero, pdf, rfc, telefono
wait: aguanta, aguarda, dejeme, espera, esperando, esperar, espere, espero, instante, minutito, minuto,
    momentito, momento, permitame, ratito, segundito
check: averiguar, buscar, checar, checo, confirmo, consultando, consultar, fijarme, fijate, fijo, medir,
    mirar, preguntar, revisar, reviso, ver, verificar, verifico
offer: acepta, ayudar, desea, deseas, gusta, gustaria, interesa, preferis, prefiere, prefieres, queres,
    quiere, quieres
optional: compromiso, desee, guste, gustes, opcional, quiera, quieras
sorry: disculp*, lamentamos, lamento, perdon*, siento
unsure: creo, decidir, depende, duda, imagino, pensar, pensarlo, quiza, quizas, se, sera
rate: califica, calificar, calificarnos, calificas, encuesta, estrella*, experiencia, puntaje
stay: compro, mantener, quedar, quedo, seguir, sigo
joke: bobo, imagina, loco, menso, pena, queso, tonta, tonto, verdad, verguenza
end: cerrar, finalizar, nada, resuelto, seria todo, todo
wrongnum: confundi, equivocado numero, equivoque, grupo
return: regresar, regreso, volver, vuelvo
never: jamas, nunca
promise_when: antes de, en cuanto, hoy mismo
read: anotado, anote, enterada, enterado, guardado, lei, leido, oi, vi, visto
"""
