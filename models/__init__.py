"""What the city is and what is asked of it: plain Python, no Qt, no VTK, no words.

Nothing is imported here, so that ``import models`` stays free.
"""
