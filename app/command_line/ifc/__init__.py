"""The verbs of ``python main.py ifc``: one module a verb, with ``add(parser, w)`` and ``run(arguments, lang)``.

``w`` gives a word in the language of the run. Modules import what they need inside ``run``, as the command line does.
"""

#: In the order in which help lists them; ``cli.verb.ifc.<name>`` is their word.
VERBS = ("tree", "psets", "facts", "georef", "check", "clash", "diff")
