"""The verbs of ``python main.py network``: a module each, with ``add(parser, w)`` and ``run(arguments, lang)``."""

#: In the order in which help lists them; ``cli.verb.network.<name>`` is their word.
VERBS = ("build", "trace", "isolate", "check", "run", "save", "draft", "profile", "section", "clearance", "pond")
