"""What a run does, decided by its seed alone: who writes what, and after how many bursts which fault strikes."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from atende.fakes.faults import Fault, accept_then_hang, delay, dup, reorder, reset, status

QUESTIONS = (
    "Qual o prazo de troca?",
    "Quem paga o frete da troca?",
    "Quanto custa o frete para o Nordeste?",
    "Em quantas vezes posso parcelar no cartão?",
    "Vocês aceitam Pix?",
    "Qual o endereço da loja Savassi?",
    "Posso desistir da compra pela internet?",
    "Como funciona a entrega expressa?",
    "Posso trocar um presente sem a nota fiscal?",
    "Qual o prazo de entrega para o Sul?",
)
BEFORE = ("oi", "bom dia", "olá, tudo bem?", "queria saber uma coisa", "é sobre uma compra")
AFTER = ("e precisa da nota fiscal?", "é para esta semana", "obrigada desde já", "me ajuda?")
RARE = ("Vocês vendem passagens aéreas?", "Quero falar com um atendente, por favor.", "era só isso, muito obrigada!")

Kind = Literal[
    "kill worker", "freeze worker", "kill web", "crash postgres", "flush redis", "restart redis", "trouble", "calm"
]
Moment = Literal["any", "working", "sending"]
"""When a worker is struck: at once, or when it has a job, or a message on its way to a provider."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What one customer writes in one go."""

    provider: str
    tenant: int
    sender: str
    texts: tuple[str, ...]
    together: bool
    """In one callback, where the provider can do that."""


@dataclass(frozen=True, slots=True)
class Act:
    """A fault. `after`: how many bursts have been written when it strikes; `target`: which of its kind."""

    after: int
    kind: Kind
    target: int = 0
    moment: Moment = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    turns: int
    kills: int
    workers: int = 3
    webs: int = 2
    flushes: int = 2
    redis_restarts: int = 1
    postgres_crashes: int = 1
    ambiguous: bool = True
    """Whether providers fail in ways that leave it open what they did."""

    @property
    def bursts(self) -> int:
        """Some bursts make no turn: a person has the conversation by then, or two of them are answered together."""
        return self.turns * 23 // 20


FULL = Size(turns=3_000, kills=50, flushes=5)
IN_CI = Size(turns=300, kills=10)


def bursts(size: Size, seed: int) -> list[Burst]:
    """Most customers write once, some more often; most bursts are one message, some are up to three."""
    dice = Random(f"bursts/{seed}")
    people = [(dice.choice(("whatsapp", "whatsapp", "twilio")), number) for number in range(2 * size.bursts)]
    written = []
    for _ in range(size.bursts):
        provider, number = dice.choice(people)
        texts = [dice.choice(RARE) if dice.random() < 0.06 else dice.choice(QUESTIONS)]
        if dice.random() < 0.4:
            texts.insert(0, dice.choice(BEFORE))
        if dice.random() < 0.3:
            texts.append(dice.choice(AFTER))
        written.append(
            Burst(provider, number % size.webs, f"+55319{number:08d}", tuple(texts), together=dice.random() < 0.3)
        )
    return written


def acts(size: Size, seed: int) -> list[Act]:
    """Spread over the run, none in its first and last twentieth; times of trouble with the providers begin and end."""
    dice = Random(f"acts/{seed}")
    counts: dict[Kind, int] = {
        "kill worker": size.kills,
        "freeze worker": size.kills // 3,
        "kill web": size.kills // 5,
        "flush redis": size.flushes,
        "restart redis": size.redis_restarts,
        "crash postgres": size.postgres_crashes,
    }
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    edge = size.bursts // 20
    span = (edge, max(edge + 1, size.bursts - edge))
    moments: tuple[Moment, ...] = ("any", "working", "sending", "sending")
    planned = [Act(dice.randrange(*span), kind, dice.randrange(100), dice.choice(moments)) for kind in kinds]
    if size.ambiguous:
        for _ in range(max(2, size.bursts // 150)):
            begins = dice.randrange(*span)
            planned += [Act(begins, "trouble", dice.randrange(2)), Act(begins + edge, "calm")]
    return sorted(planned, key=lambda act: act.after)


BAD_DAY = (
    dup(rate=0.2),
    dup(3, rate=0.03),
    reorder(rate=0.08, seconds=0.5),
    delay(0.4, rate=0.5),
)
"""Providers tell things again and in another order, and take their time: so that kills find sends under way."""
SLOW_MODEL = (delay(0.15), delay(0.6, rate=0.2), status(429, retry_after=0.5, rate=0.03), status(500, rate=0.03))
TROUBLE: tuple[Fault, ...] = (
    status(429, retry_after=1, rate=0.10),
    status(500, rate=0.05),
    status(503, rate=0.04, works=True),
    reset(rate=0.03),
    reset(rate=0.03, works=True),
    accept_then_hang(rate=0.02, times=2),
)
