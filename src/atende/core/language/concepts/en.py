"""English: words by what they are about. A star stands for any ending of letters; words are folded."""

from typing import Final

TABLE: Final = """
i: i, id, ill, im, ive, me, mine, my, our, us, we, were, weve
you: u, ur, ya, yall, you, your, youre, yours
not: aint, arent, cant, couldnt, didnt, doesnt, dont, hasnt, havent, isnt, never, no, nobody, not, nt, wasnt,
    without, wont
still: keep, keeps, still, yet
already: already, finally
also: also, another, else, more, other, others, plus, too
but: although, but, except, however, tho, though
if: if
only: just, only
assoon: after, as soon, once, soon, till, until, when, while
ask: how, hows, what, whats, when, where, wheres, which, who, why
will: going, gonna, ill, ll, shall, well, will, wont
can: able, can, could, may, might, possible
want: id, like, need, needed, prefer, wanna, want, wish
must: gotta, have to, missing, must, should, supposed
hand: bring, deliver, drop, email, forward, give, mail, pass, send, show, text
tell: answer, call, confirm, explain, know, let, message, reply, ring, say, tell, update
arrange: add, book, cancel, change, fix, hold, make, move, put, refund, remove, reserve, return, schedule,
    set, sign, swap, switch, take
i_do: going, ill, sending
we_do: hell, shell, theyll, well
i_did: bought, called, changed, did, done, downloaded, figured, fixed, forgot, found, got, installed, learned,
    paid, picked, pulled, read, saw, sent, signed, talked, tested, tried, went
it_did: arrived, came, came back, cleared, dropped, landed, opened, popped, showed, started, stopped, turned,
    went, worked
worked: draining, dry, fixed, found, good, running, solved, sorted, worked, working, works
done: added, booked, canceled, cancelled, closed, completed, confirmed, corrected, credited, delivered, done,
    issued, paid, processed, refunded, registered, released, removed, reserved, scheduled, sent, shipped,
    updated
thanks: appreciat*, cheers, grateful, ta, thank, thanks, thx, tks, ty, tysm
bye: bye, care, ciao, cya, goodbye, later, xo, xoxo
wish: day, evening, good, great, morning, nice, night, one, weekend
hello: hello, hey, hi, howdy
ok: alright, cool, deal, fair, fine, got it, gotcha, k, kk, ok, okay, perfect, roger, sounds, sure, understood
yes: aye, correct, right, ya, yea, yeah, yep, yes, yup
no: nah, no, none, nope, nothing
laugh: ha, haha*, hehe*, lmao, lol*, rofl
relief: finally, hallelujah, phew, relief, relieved, thank god, whew
good: amazing, awesome, brilliant, clean, excellent, fantastic, fast, friendly, glad, good, great, happy,
    impressed, kind, love, loved, lovely, nice, perfect, polite, quick, super, wonderful
praise: angel, bless, champ, doll, gem, genius, legend, lifesaver, rock, saint, star, sweetheart
bad: angry, annoyed, awful, bad, disappointed, expensive, horrible, late, mad, ridiculous, shame, slow, steep,
    sucks, terrible, upset, worst
defect: bent, bleeding, blink*, broke, broken, charged, cold, cracked, dead, defect, dented, double, drip*,
    error, expired, fail*, issue*, leak*, leaking, locked, loose, missing, pain, problem*, ruined, stained,
    stone, stopped, stuck, swollen, torn, wet, wrong
giveup: cancel, drop, forget, nevermind, nvm, pass, scratch, skip
need: necessary, need, needed, needs
later: another time, future, later, next, sometime, soon
when: afternoon, am, business, days, early, evening, friday, hours, minutes, monday, month, morning, now, pm,
    saturday, sunday, thursday, today, tomorrow, tonight, tuesday, wednesday, week
kin: aunt, boss, boyfriend, brother, cousin, dad, daughter, father, friend*, girlfriend, grand*, grandma,
    grandpa, grandson, hubby, husband, kid, kids, landlord, mom, mother, mum, neighbor*, neighbour*, nephew,
    niece, partner, roommate, sister, son, uncle, wife
place: bus, car, class, driving, home, house, meeting, office, school, store, street, traffic, work
money: $, afford, bill, bucks, budget, cash, cheap, cost, discount, dollars, money, pay, pounds, price, quote
elsewhere: competitor, elsewhere, myself, other, ourselves, outfit, own, somewhere
data: account, address, code, date, document, email, id, invoice, link, name, number, pdf, phone, photo,
    photos, pic, picture, receipt, screenshot, zip
wait: bear, hang, hold, min, minute, moment, sec, second, wait, waiting
check: ask, check, find, look, measure, review, search, see, verify
offer: help, interested, like, prefer, shall, should, want, which, would
optional: free, ignore, needed, obligation, optional, otherwise
sorry: apolog*, apologies, apologize, sorry
unsure: decide, depends, guess, idea, know, maybe, sure, think, unsure, wonder, wondering
rate: rate, rating, scale, star, stars, survey
stay: going, keep, stay, stick, sticking
joke: believe, blame, dumb, funny, idiot, owe, silly, stupid
end: all, everything, finished, nothing, set
wrongnum: group, meant, wrong number, wrong person
return: back, come, return
never: never
promise_when: as soon, asap, by end, once
read: heard, noted, read, saved, saw
"""
