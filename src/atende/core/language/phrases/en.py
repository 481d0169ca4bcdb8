"""English: what closes, thanks, asks and complains, told apart by the kinds of `phrases_kind`."""

from typing import Final

WORDS: Final = {
    "that": (
        r"(?:(?:that|this|it)s|(?:that|this|it)(?: just| pretty much)? (?:is|was)|(?:that|this|"
        r"it)(?:ll| will| would| should| d)? be|(?:that|this|it) (?:will|would|should|might|"
        r"may)(?: probably| just)? be|thatll be|thatd be|"
        r"thats? gonna be)(?: just| really| about| probably| pretty much| actually| basically)?"
    ),
    "good": (
        r"great|good|nice|lovely|wonderful|fantastic|safe|pleasant|blessed|awesome|amazing|beautiful|super|fine|"
        r"happy|fun|brilliant|excellent|relaxing|terrific|fabulous|perfect|enjoyable|splendid|gr8"
    ),
    "very": r"(?:(?:so|very|really|just|such|extremely|quite|all|most|absolutely|pretty|more than|truly|a|an) ){0,3}",
    "needed": (
        r"(?:needed|need|wanted|want|required|require|was after|was looking for|am looking for|will be needing|"
        r"am going to need|was wondering|asked for|wished|would like|could ask for|had)"
    ),
    "daypart": (
        r"(?:day|night|evening|afternoon|morning|week|weekend|one|time|trip|stay|rest|holiday|holidays|journey|"
        r"flight|year)"
    ),
}
"""Parts that the patterns name as `<part>`."""

TABLE: Final = r"""
complaint
    thanks? (?:you )?for (?:nothing|wasting)
    still (?:not|no|hasnt|havent|waiting|broken|down|isnt|doesnt|wrong|dont|cant|didnt|nothing)
    (?:hasnt|havent|didnt|doesnt|isnt|wasnt|never|not) (?:\w+ )?(?:arrived?|works?|working|received?|come|
        delivered|help|helped|helpful|resolved|solved|fixed|solve|fix|answered?|correct|right|acceptable|true|happy)
    (?:has|have|did|does|is|was) not (?:\w+ )?(?:arrived?|work|working|received?|come|delivered|resolved|solved|
        fixed|answered?|correct)
    money back
    ridiculous|unacceptable|terrible|awful|horrible|worst|useless|scam|disappointed|wrong|incorrect|mistake|
        complain|complaint
    emojiangry
greeting
    how are you(?: doing)?(?: today)?|hows (?:it going|everything)|how do you do|whats up
adding
    bye? the way|btw
assent
    no (?:problem|worries|prob|biggie)s?(?: at all)?
later
    (?:and )?(?:(?:i|we) (?:will|ll|can) |ill )?(?:(?:just|then|definitely|surely) )?(?:let (?:you|u) know|
        call(?: you)?(?: back)?|contact you(?: again)?|get back(?: to you)?|come back(?: to you)?|be back|be in touch|
        reach out(?: to you)?|write you|message you|ask you)? ?(?:if|when|in case|whenever|should) (?:i|we) (?:(?:do|
        ever|will|still) )?(?:need|have|want|think of|require|get) (?:to |any|some|more|further|help|
        you)\w*(?: (?:else|more|other|further|questions?|help|assistance|in the future|again|things?|changes?)){0,6}
    (?:i|we) ?(?:will|ll|can|may|might|am going to|m going to|m gonna|need to|have to|want to|would like to|
        should)? ?(?:(?:just|then|definitely|probably|have to|need to) ){0,6}(?:let (?:you|u) know|get back to you|
        come back(?: to you)?(?: later)?|be in touch|call (?:you )?back|think (?:about|on|over) (?:it|this|that|them)|
        think it over|sleep on it|consider (?:it|this|that)|discuss (?:it|this|that)|talk (?:it over|to my|with my|
        about it))
    ill (?:let (?:you|u) know|get back to you|come back|be in touch|call back|think (?:about|on|over) (?:it|this|
        that)|think it over|sleep on it|consider it)
    (?:maybe |perhaps )?(?:another|some other) (?:time|day)|maybe (?:later|next time|tomorrow)|not this time
word
    (?:<that>) (?:all|it) (?:correct|good|right|true|exactly|too)(?! for)
    (?:<that>) (?:all|it) (?:well|very|fine|wrong|nice) \w+
    (?:<that>) all (?:wrong|of|inclusive|included|there is|there was|(?:that )?i (?:got|have|know|see|found|
        received|remember|heard|can)|(?:that )?(?:you|they|he|she)|we (?:have|got|know))
    thanks to(?! (?:you|u|all|everyone|everybody)\b)
    good to go
    for nothing
advance
    (?:many )?(?:thanks?|thankyou|thx)(?: you)?(?: so much| very much| a lot)? in advance
    thanking you in advance|in advance
request
    (?:just )?(?:one|1|another) (?:more|last|other|final|quick)? ?(?:thing|question|request|favou?r)
    (?:i|we) (?:(?:do|also|still|really|just|now|will|actually|would|definitely|only|additionally|then|first|
        might|may) ){0,3}(?:need|want|wanna|like|love|prefer|require)(?: to)?(?! to (?:thank|say))(?! (?:thank|
        say thank))(?! (?:nothing|it|that|this|the idea|your)\b)
    (?:id|ill|i would|i will) (?:also )?(?:need|take|have|go with|go for|like|love|prefer)(?! to (?:thank|
        say))(?! thank)(?! (?:nothing|a look)\b)
    (?:i|we) ?a?(?:m|re|was|were|am|are)? (?:(?:also|still|really|just|now|actually|
        currently) ){0,2}(?:looking for|looking to|trying to|hoping|wondering|interested in|searching)
    (?:can|could|would|will|may|shall|should|might) (?:you|i|we|u|it|they)(?! (?:be|do) (?:all|it|fine|ok)\b)
    (?:can|could) (?:someone|somebody|anyone)
    (?:would |d |will |do |really |very much |much |also |be ){0,6}appreciate (?:it )?(?:if|a|an|some|the (?:call|
        address|number)|your (?:quick |prompt )?(?:response|reply|answer))|(?:be )?(?:grateful|appreciated) if
    (?:need|want)(?: some| your)? (?:help|assistance|support)(?! (?:any|is|was))
    help me(?: with| to| find| book| out)
    how about|what about
    go ahead
    wait|hold on|hang on
    before (?:i|you|we) (?:go|leave|finish|hang up|close|end)
    (?:yes|yeah|yep|sure|ok|okay|no|and)? ?please (?:do|book|find|send|make|give|tell|check|reserve|go|help|add|
        change|cancel|show|call|let|provide|confirm|look|try|get)(?! let me know if)
    lets(?! call it)
closing
    (?:i (?:think|guess|believe|suppose) )?(?:<that>) (?:all|it|everything|about it|enough|the lot|the only thing|
        all folks)(?: (?:that )?(?:i|we|you) (?:(?:really|just|currently|actually|will|only|think|do|had|would|should|
        ll|can|might) ){0,2}<needed>(?: to know| to ask| help with)?)?(?: (?:for now|for today|today|then|right now|
        at the moment|from me|folks|for me)){0,6}(?! (?:that )?(?:i|we|you|they|he|she)\b)(?! (?:is|of)\b)
    that all (?:i|we) <needed>
    thats? al
    (?:there (?:is|was)|theres) nothing (?:else|more|further)
    nothing (?:else|more|further|at all|at the moment|right now)(?! (?:matters|works|than|helps|helped|worked|
        happens|happened|but)\b)
    (?:no|not any|any) (?:more|further|other|additional) (?:questions?|requests?|help|assistance|queries|queries|
        things?|needs?)
    no questions?
    (?:<that>)? ?all (?:that )?(?:i|we) <needed>(?: to know| help with)?(?! (?:is|are|was)\b)
    (?:i am|im|i think im|i think i am|we are|were|youre|all) (?:all )?(?:set|done|sorted|finished)(?! up)
    everything (?:that )?(?:i|we) <needed>(?: to know)?(?! (?:is|are|was)\b)
    (?:i|we) (?:now )?(?:have|got|ve got|have got) (?:(?:all|everything|what)(?: (?:of )?the (?:info|information|details|
        answers))?(?: (?:that )?(?:i|we) <needed>(?: to know)?)|everything|all (?:of )?the (?:info|information|details|answers))
    (?:that|this|it|which)(?: about| pretty much| just| all)? (?:covers|does|settles|answers|concludes|completes|
        wraps|takes care of|sums) (?:it|everything|all|that|up|(?:all )?(?:of )?my (?:questions?|needs?|
        requests?))(?: up)?
    answers? (?:all )?my questions?
    (?:dont|do not|wont|will not|wouldnt|would not|didnt) (?:think |believe )?(?:i |we )?(?:will |
        ll )?(?:currently |really |actually )?(?:need|want|have|require)(?: to know)? (?:anything|any (?:more|other|
        further|additional|thing)|any help|nothing|more|any(?= ?[,.!]|$))(?: (?:else|more|further|help|assistance|
        information|info|questions?)){0,6}
    need nothing(?: else| more| further)?
    never ?mind(?! (?:that|the|about)\b)|nvm
    forget (?:it|about it)
    (?:that|it|this) (?:will|ll|should|would) do(?: it| for now| nicely)?|thatll do(?: it)?
    lets call it a day|call it a day
    case closed|you (?:can|may) close (?:this|the)(?: \w+)?
    im good to go
    (?:(?:that|this|it)s|(?:that|this|it) is|im|i am|were|we are)? ?(?:all )?(?:good|fine|enough|ok|okay|great|
        perfect) for (?:now|today)
    (?:were|we are|im|i am) (?:all )?(?:done|finished)(?: here| now| for now| for today){0,6}
    (?:i|we) can (?:take|handle|do|manage) (?:it|the rest|that)(?: from here| myself)?
resolved
    (?:that|this|it|which) (?:really )?(?:resolves|solves|fixes|fixed|resolved|solved)(?: (?:it|that|my|the|issue|
        problem|question|everything)){0,6}
    sorted|(?:(?:that|this|it)s|(?:that|this|it) (?:is|was)) (?:exactly |just |all )?what (?:i|
        we) <needed>(?: to know| to hear)?
    (?:just|exactly) what (?:i|we) <needed>(?: to know| to hear)?
    (?:i|we) (?:just|only) (?:wanted|needed)(?! to (?:ask|book|see if|inquire|find|check if|make|get|
        order))(?: to know| to check| to make sure| to confirm)?
    (?:it works|(?:it|that|this)(?:s| is| has)?(?: now| all)? (?:worked|working|fixed(?: it)?|did it|resolved|
        solved|sorted|did the trick|cleared (?:it|that) up))(?: now| again| out)?
    problem (?:is )?solved|(?:all|issue|its all) (?:is )?(?:fixed|resolved|sorted|solved)|all good(?: now)?|
        all clear|everything (?:is )?(?:ok|okay|fine|good|clear|great|perfect)
    that(?: really| certainly| definitely)? (?:helps|helped)(?: a lot| so much| me| out){0,6}
helped
    (?:you|u)(?:ve|re| have| are| were| r)?(?: certainly| definitely| all)?(?: been)? <very>(?:helpful|great help|
        big help|huge help|good help|lots? of help|of (?:great|so much|much) help|kind|
        helped(?: me)?(?: a lot| so much| out){0,6}|star|legend|hero|gem|angel|champ|genius|gold|the best|best|
        life ?saver|awesome|amazing|great|wonderful|sweet|patient|rock)
    (?:great|excellent|good|amazing|awesome|wonderful|fantastic) (?:service|help|job|work|assistance|
        customer service)
    <very>helpful|(?:you )?made my day|(?:that|this|it)(?:s| is| was) <very>(?:kind|helpful|thoughtful|sweet|
        nice)(?: of (?:you|u))?|(?:youre|you are|your) (?:very |most |so )?welcome|(?:my|its a|a) pleasure|
        dont mention it|anytime
    (?:i )?(?:(?:really|very much|truly|do|much|greatly|so|sincerely) ){0,6}appreciated?(?: (?:it|that|this|you|all|
        the|your|u)\b)?(?: (?:help|assistance|time|support|patience|service|kindness|effort|efforts|info|
        information))?
    (?:for|4) (?:all )?(?:of )?(?:your|the|ur|all|that|this|you)? ?(?:of )?(?:your |the |ur )?(?:\w+ )?(?:help|
        assistance|time|support|patience|service|kindness|assist|effort|efforts|cooperation|helping|
        assisting)(?: me| us)?(?: today| with this| with that| out){0,6}
    for (?:everything|sorting (?:that|this|it)(?: out)?|the (?:info|information|quick \w+|update|confirmation))
thanks
    (?:i|we)? ?(?:(?:just|also|really|would|d) ){0,6}(?:want|wanted|like)? ?to (?:thank you|say (?:thanks?|
        thank you))(?: so much| very much| again){0,6}
    (?:(?:many|much|big|huge|ok|lots of|a million|loads of|kind|with) )?(?:thanks?|thanking|thankyou|thanku|
        thnk|thnks|thankies|thanx|thnx|thx+|tnx|tks|thks|tx|thanxs|thankx|tanx)(?: (?:you|u|ya|yo|god|
        goodness))?(?: (?:all|both|kindly|again))?(?: (?:so+|very|ever so|soo) (?:much|kindly|very much))?(?: (?:a|
        an) (?:lot|bunch|million|ton|mil|heap|awful lot))?(?: again)?
    ty|tysm|tyvm|tyty|cheers|ta|much obliged|grateful|gratitude|emojithanks
farewell
    (?:ok |okay )?(?:good ?|buh ?)?bye+(?: ?bye+)?(?: for now| now| then)?|goodbye|gb|g bye|toodles|toodle ?oo|
        cheerio|ta ?ta
    (?:i will |ill |will )?(?:see|c) (?:you|ya|u|yall)(?: all)?(?: (?:later|soon|then|there|around|tomorrow|
        tonight|again|next (?:time|week|month|year)|in a (?:bit|while))){1,6}
    see (?:you|ya|u)(?: (?:on|this|at|in|next|all))?(?: (?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d[\w:]*|
        noon|week|there))?(?: ?[ap]m)?(?= ?(?:$|[.!,]|emoji))
    cya|c ya|ttyl|ttys|later(?:s|z)?(?= ?(?:$|[.!]))|so long(?= ?(?:$|[.!,]))|farewell|
        take care(?: of yourself| now)?(?= ?(?:$|[.!,?]| and| you| bye| then))
    (?:talk|speak|catch|chat)(?: to| with| up)? (?:you|ya|u|up)? ?(?:later|soon|tomorrow|then|again)
    (?:(?:i hope )?(?:you|u|yall) |and )?(?:have|hav|enjoy) (?:yourself )?(?:a|an|the rest of(?: your| the)?|your|
        yourself a)? ?<very>(?<!i have a )(?:<good>)(?: and (?:<good>))?(?: rest of (?:your|the))?(?: ?<daypart>|
        (?= ?(?:$|[.!,])))(?: ahead| today)?
    (?:have|enjoy) (?:a|your|the rest of(?: your| the)?) <daypart>(?= ?(?:$|[.!,]))
    (?:<good>) (?:weekend|rest of (?:your|the) \w+)
    (?:you|u) (?:too|2|as well)|same to you|likewise|and you|you also
    god bless(?: you| u)?|bless you|best (?:wishes|regards)|kind regards|regards|all the best|stay safe|
        be (?:well|safe)|good luck|until (?:next time|then|later)
    (?:gotta|got to|have to|need to|must|should|better) (?:get going|go|run|leave|head out)(?: now)?(?= ?(?:$|
        [.!,]| thank| bye))|g2g|gtg
    im (?:off|heading out|out|leaving)(?: now)?(?= ?(?:$|[.!,]))|signing off|over and out
    happy (?:holidays|weekend|friday|new year)|merry christmas
    emojibye|ciao|adios|nighty? night|nite|gn
time_wish
    (?:a )?(?:very )?(?:good|gud) ?(?:morning|afternoon|evening|night|nite|day)|goodnight
next_step
    (?:i|we)(?:ll| will| am going to| are going to|m going to|m gonna| am gonna| can|
        ma| shall| have to| should)? (?:(?:just|then|now|also|definitely|probably|go|be|maybe|certainly|surely|
        have to|get to) ){0,3}(?:check|checking|wait|waiting|try|trying|see(?! if you)|call|visit|visiting|contact|
        contacting|come|give (?:it|that|them|you) (?:a )?(?:try|go|call|thought|ring)|do (?:it|that|so)|stop by|
        pass by|drop by|keep (?:that|it|you|this|an eye)|read|ask|email|reach out|talk|take it from here|there|
        pick (?:it|them|that) up|manage|follow|book (?:it|that|one)? ?(?:myself|online|later)|remember|enjoy|enjoying|
        have a look|take (?:a look|note)|look (?:into|elsewhere|somewhere|around|it over|at it|forward)|
        looking forward|go (?:there|now|somewhere|elsewhere)|leave (?:it|you)|write (?:it|that) down|bear|be (?:there|
        back|in touch|sure|fine))
    (?:will|gonna|going to|shall) (?:(?:just|then|definitely) ){0,6}(?:check|wait|try|look|see|call|visit|keep|read|
        be there)(?! you)
    looking forward(?: to)?
    (?:i )?cant wait(?: to)?
    (?:im|i am|we are|were) (?:(?:so|very|really|super) ){0,6}(?:excited|thrilled|looking forward|happy|glad|
        relieved)(?: (?:about|for|to|with))?
    i hope
but
    but|however|except|although|though|unless|yet
question
    what(?:s|re)?(?= (?:is|are|was|time|day|kind|type|does|do|did|if|would|can|should|will|sort|other|else|price|
        the|your|my|star|area|size|color|colour|number|about|happens|happened|i|we|you|they|it)\b)|what is|what are|
        whats
    how (?:much|many|long|far|do|does|did|can|could|is|are|late|early|old|big|often|come|would|should|will|soon|
        expensive|to)|hows
    when (?:is|are|do|does|can|will|would|should|did|was)|whens
    where(?:s| is| are| do| does| can| did| exactly| abouts)?|who(?:s| is| are| do| can| will)|which|why|whose
    is (?:it|there|that|this|the|parking|breakfast|your|any|he|she|one|wifi|delivery)|are (?:you|there|they|the|
        these|those|we|any|your)|was (?:it|there|that)
    do (?:you|they|i|we|u|any)|does (?:it|the|that|this|he|she|anyone|your)|did (?:you|it|they|i|he|she)|have you|
        has (?:it|the|he|she)|am i
    any (?:chance|idea|news|update|updates)
    (?:in|on|at|for|from|to|by) (?:what|which|how)
imperative
    (?:then |now |just |so )?(?:book|find|reserve|show|send|give|tell|make|get|change|cancel|add|search|look|
        check|call|put|try|schedule|list|confirm|pick|order|play|buy|set|transfer|update|remind|bring|switch|remove|
        provide|explain|choose|select|proceed|continue|arrange|recommend|suggest|connect|purchase)(?! care)
adding
    also|too|another|actually|by the way|bye the way|btw|in addition|additionally|instead|what else|meanwhile|
        next|secondly|as for|regarding|oh wait|what if
no
    no+|nope|nah|naw|nop|noo|noope|not really|not now|not today|not (?:right now|at (?:this|the) (?:time|moment|
        present|point)|at present|currently|for (?:now|today|the moment))|not that i (?:can think of|know of)|
        i (?:dont|do not) (?:think|believe) so|i guess not|i think not|none|nothing|negative|no need(?: for (?:that|
        anything|it|one))?|not necessary|(?:that )?(?:wont|will not) be necessary|thats not necessary|not at all
    (?:i am|im|i think im|i think i am|we are|were|i should be|i will be|we should be|i ll be) (?:all |perfectly |
        just )?(?:good|fine|ok|okay|alright)(?: (?:for|right|with) (?:now|that|this)| now)?
yes
    yes|yeah|yep|yup|yea|yes sir|yah|ya|sure(?: thing)?|of course|correct|thats (?:right|correct)|
        that is (?:right|correct)|right|exactly|indeed|definitely|absolutely|affirmative|certainly|yess
assent
    o?ke?(?:y|i)? ?do?ke?y|ok(?:ay|ey|ie|ies|k|s|ii|i)?(?: do(?:ke|ki|key|kie)y?| then)?|kk?|o\.k\.?|fine|
        alright(?:y)?|all right|got (?:it|that|this)|gotcha|i (?:see|understand|got it)|understood|noted|will do|deal|
        roger(?: that)?|works for me|(?:that|this) works|makes sense|very well|fair enough|received|emojiok|
        i will take note|im on it
    (?:(?:that|this|it)s|(?:that|this|it) (?:is|was|sounds|seems|works|looks)|(?:that|this|it)(?: will| would|ll|
        d) (?:be|work)|sounds|looks|works|seems) ?<very>(?:ok|okay|alright|like a plan|fine|doable|clear|good|
        great)?(?: (?:for me|to me|with me|then|enough)){0,6}
praise
    (?:how|what a|what) (?:a )?(?:<good>|kind|relief|cool)(?: \w+)?
    (?:glad|happy|good|great|nice|pleased) (?:to (?:know|hear|see)|news|stuff|deal|one|thinking|choice|
        idea)(?: (?:it|that))?
    (?:<good>|cool|sweet|superb|sauce|shame|bummer|yay|hooray|woo+hoo|wow|magnificent|neat|marvelous|outstanding|
        very good|much better|better|exciting|delicious|super|stellar|ideal|phenomenal|glad|happy|yummy|fab|
        impressive|incredible|exceptional)
please
    please|pls|plz|plse|kindly
greeting
    hi|hello|hiya|howdy|greetings|yo|helo|how are you(?: doing)?(?: today)?|hows it going|nice to meet you|
        whats up
filler
    then|now|well|so|oh|ah|aw|um|uh|hmm+|hm|huh|yay|haha+|lol|just|very much|again|really|guys?|mate|buddy|bud|
        sir|maam|madam|miss|dear|man|dude|bro|friend|love|hun|honey|for now|today|for today|everyone|all|folks|
        emojismile|emojisad|once more|anyways?|anyhow|thing|things|a lot|lots|very|much|there|hahaha|hey|though|xx?|
        x+o*|tho|indeed|my friend|at the moment|right now|first|else|god|gosh|wonderfully|obviously|i (?:think|guess|
        believe|suppose)|let me know|assistant|bot|agent|operator
and
    and|n|plus|or|&
link
    for|that|to|with|about|regarding|of|on|in|at|if|as|until|till|from|by|because|since|while
stop
    the|a|an|my|your|our|his|her|their|i|im|you|u|me|it|its|this|these|those|he|she|we|they|them|us|is|are|was|
        were|be|been|am|has|have|had|will|would|can|could|should|do|does|did|not|thats|ive|youve|youre|any|some|one|
        more|who|when|all|only|soon|still|already|need|needed|know|say|said|getting|going|got|day|help|help(?:ed|ing)|
        info|information|everything|here|s|t|ll|d|m|re|ve
"""
