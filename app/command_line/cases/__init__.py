"""The verbs of ``python main.py cases``: a module each, with ``add(parser, w)`` and ``run(arguments, lang)``."""

#: In the order in which help lists them; ``cli.verb.cases.<name>`` is their word.
VERBS: tuple[str, ...] = ("list", "file", "move", "rates", "import", "citizens")
