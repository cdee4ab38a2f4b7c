"""The verbs of ``python main.py readings``: a module each, with ``add(parser, w)`` and ``run(arguments, lang)``."""

#: In the order in which help lists them; ``cli.verb.readings.<name>`` is their word.
VERBS: tuple[str, ...] = ("import", "info", "query", "keep")
