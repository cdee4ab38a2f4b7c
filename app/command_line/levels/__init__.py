"""The verbs of ``python main.py levels``: a module each, with ``add(parser, w)`` and ``run(arguments, lang)``."""

#: In the order in which help lists them; ``cli.verb.levels.<name>`` is their word.
VERBS: tuple[str, ...] = ("send", "merge", "sum")
