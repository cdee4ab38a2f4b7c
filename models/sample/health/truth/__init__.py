"""What the sixty indicators must come to in the sample city, worked out another way than :mod:`models.health` does.

Invariants
----------
1. Nothing here is shared with ``models/health``, nor are its parameters read: rules are written down again, as the
   standard and the program's own remarks state them. Objects are counted one by one, lengths are walked, land is
   sampled by points whose distances are measured.
2. No data is None, never zero. What is unknown stands on neither side and lowers the coverage.
"""
