"""What the scenes of the sample city show beside its register: poles, crossings, a utility tunnel, structures, sites.

Each topic draws from its own random stream, after everything else was made, so that no other table changes by it.
"""
