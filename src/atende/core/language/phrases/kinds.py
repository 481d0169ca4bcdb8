"""The kinds of things a short message is made of. A language's table lists patterns under the name of their kind."""

from enum import StrEnum


class Kind(StrEnum):
    """What a piece of a message does. `WORD` and `NUMBER` are what no table knows: the content of the message."""

    CLOSING = "closing"  # that's all, só isso, nada más
    RESOLVED = "resolved"  # it works now, deu certo, era lo que quería
    FAREWELL = "farewell"  # bye, até mais, que tengas buen día
    TIME_WISH = "time_wish"  # boa noite: a greeting or a farewell
    HELPED = "helped"  # you've been a great help, gracias *por tu ayuda*
    THANKS = "thanks"
    ADVANCE = "advance"  # thank you in advance: the work is still to be done
    NO = "no"
    YES = "yes"
    ASSENT = "assent"  # ok, entendi, vale
    PRAISE = "praise"
    LATER = "later"  # puts it off: I'll let you know, depois te chamo
    NEXT_STEP = "next_step"  # what the customer will do alone: I'll call them, vou pensar
    BUT = "but"
    COMPLAINT = "complaint"
    REQUEST = "request"
    IMPERATIVE = "imperative"  # a request when it opens a clause
    QUESTION = "question"  # a question when it opens a clause
    ADDING = "adding"  # also, by the way: a request when something follows
    PLEASE = "please"
    GREETING = "greeting"
    FILLER = "filler"
    AND = "and"
    LINK = "link"  # prepositions and relatives that tie a complement to what stands before
    STOP = "stop"  # function words without a meaning of their own
    WORD = "word"
    NUMBER = "number"
    COMMA = "comma"
    BREAK = "break"
    MARK = "mark"  # the question mark
