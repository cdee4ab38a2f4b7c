"""The verbs of ``python main.py trends``: a module each, with ``add(parser, w)`` and ``run(arguments, lang)``."""

#: In the order in which help lists them; ``cli.verb.trends.<name>`` is their word.
VERBS: tuple[str, ...] = ("find",)
