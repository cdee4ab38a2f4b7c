"""The verbs of ``python main.py facilities``: a module each, with ``add(parser, w)`` and ``run(arguments, lang)``."""

#: In the order in which help lists them; ``cli.verb.facilities.<name>`` is their word.
VERBS = ("status", "check", "import", "positions", "migrate", "export")
