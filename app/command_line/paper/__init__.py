"""The verbs that make what people carry away, each with ``add(parser, w)`` and ``run(arguments, lang)``.

``w`` gives a word in the language of the run. Modules import what they need inside ``run``, as the command line does.
"""

#: In the order in which help lists them; ``cli.verb.<name>`` is their word.
VERBS: tuple[str, ...] = (
    "agenda",
    "atlas",
    "findings",
    "video",
    "handover",
    "report",
    "deck",
    "sheet",
    # a verb a line
    "deliver",
)
