"""The verbs that ask (``find``, ``query`` …), each with ``add(parser, w)`` and ``run(arguments, lang)``.

``w`` gives a word in the language of the run. Modules import what they need inside ``run``, as the command line does.
"""

#: ``cli.verb.<name>`` is their word.
VERBS = ("find", "query", "export", "replay")
