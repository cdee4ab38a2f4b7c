"""Year on year: what a check came to, kept small and portable, and what became of it since.

A :class:`~models.health.years.record.YearRecord` is made of a project (:mod:`~models.health.years.making`), written and
read as a file (:mod:`~models.health.years.year_file`) and compared (:mod:`~models.health.years.comparing`).
"""
