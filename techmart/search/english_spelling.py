"""One spelling of English words that are written in two: fibre and fiber, organisation and organization, aluminium and aluminum.

Who writes English here learned either, and what is imported is mostly American. The stemmer knows American endings only
(optimization becomes `optim`, optimisation `optimis`), so that is the spelling both sides are brought to before they are
stemmed. It is never shown, so that turning a word into one that nobody writes does no harm; only turning it into another one does.
"""

from __future__ import annotations

import re
from typing import Final

#: -ise and its like after at least three letters (not rise, wise, miser), and no more than a word has.
_ISE: Final = re.compile(r"(.{3,30})is(e[ds]?|ers?|ing|abl[ey]|ations?|ational(?:ly)?)")
#: What stands before it in the words that nobody writes with z (Fowler): raise, noise, cruise, likewise, comprise, devise,
#: precise, promise, premise, demise, surmise, advertise, expertise, treatise, practise, franchise, merchandise, paradise.
_STAYS: Final = re.compile(
    r"(?:[aeou]|w|pr|(?<![st]i)v|[^ai]c|prom|prem|dem|surm|dvert|xpert|treat|pract|ch|merchand|parad)\Z"
)
#: A rule is looked at where its first text is in the word, which is quicker than asking the pattern. A programme is not among
#: them: who writes that means another thing by a program.
_RULES: Final = tuple(
    (clue, re.compile(pattern), replacement)
    for clue, pattern, replacement in (
        ("lys", r"lys(?=e[ds]?$|ers?$|ing$)", "lyz"),
        (
            "our",
            r"(behavi|neighb|col|fav|lab|vap|tum|hon|arm|harb|endeav|od|rig|hum|rum|flav|vig|sav|demean)our",
            r"\1or",
        ),
        ("re", r"(cent|fib|met|lit|theat|calib|tit|spect|lust)re(s?)$", r"\1er\2"),
        ("red", r"(cent|fib|met|calib)red$", r"\1ered"),
        ("fibre", r"^fibre", "fiber"),
        ("all", r"(di|tri)all(?=ed$|ing$|ers?$)", r"\1al"),
        ("uell", r"fuell(?=ed$|ing$|ers?$)", "fuel"),
        ("haem", r"haem(?=[aeio])", "hem"),
        ("aemi", r"aemi(?=[ac])", "emi"),
        ("aesth", r"(an|kin)aesth", r"\1esth"),
        ("paed", r"(ortho|^)paed", r"\1ped"),
        ("aeo", r"(arch|pal)aeo", r"\1eo"),
        ("aetiol", r"^aetiol", "etiol"),
        ("aec", r"^(f|gyn)aec", r"\1ec"),
        ("caesium", r"^caesium", "cesium"),
        ("oestr", r"oestr", "estr"),
        ("foet", r"^foet", "fet"),
        ("oedem", r"^oedem", "edem"),
        ("rrhoea", r"rrhoea", "rrhea"),
        ("manoeuvr", r"manoeuvr(?:e(?=s?$))?", "maneuver"),
        ("sulph", r"sulph", "sulf"),
        ("mould", r"mould", "mold"),
        ("plough", r"^plough", "plow"),
        ("draught", r"draught", "draft"),
        ("aluminium", r"aluminium", "aluminum"),
        ("nce", r"^(defe|offe|prete|lice)nce(?=s?$)", r"\1nse"),
        ("alogue", r"(?<=.)alogue(?=s?$)", "alog"),
        ("logramme", r"logramme(?=s?$)", "logram"),
        ("grey", r"^grey", "gray"),
        ("artefact", r"^artefact", "artifact"),
        ("aeroplane", r"^aeroplane", "airplane"),
        ("judgement", r"judgement", "judgment"),
        ("practis", r"^practis(?=e[ds]?$|ing$)", "practic"),
        ("disc", r"^disc(?=s?$)", "disk"),
        ("tyre", r"^tyre(?=s?$)", "tire"),
        ("gage", r"^gage(?=s?$)", "gauge"),
        ("yoghurt", r"^yoghurt", "yogurt"),
    )
)


def american(word: str) -> str:
    """The American spelling of a folded word; a word with one spelling, or that is not English, mostly as it is."""
    if "is" in word and (match := _ISE.fullmatch(word)) and not _STAYS.search(match[1]):
        word = f"{match[1]}iz{match[2]}"
    for clue, pattern, replacement in _RULES:
        if clue in word:
            word = pattern.sub(replacement, word)
    return word
