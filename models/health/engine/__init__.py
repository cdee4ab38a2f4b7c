"""Indicators over tiles of the city: in sequence, in several processes, or on several machines.

``tiles`` cuts a partition of the city into tiles on disk (GeoParquet) → ``tile_work`` measures one of them, with the
very method that measures a whole city → ``run`` has all of them done by a scheduler, keeps what is finished and adds up
the sums → ``choice`` says beforehand whether that pays.
"""
