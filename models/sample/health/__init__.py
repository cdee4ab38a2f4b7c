"""What the city health check needs of the sample city, and what its indicators must come to there.

Inputs are planted on the finished tables (:mod:`~models.sample.health.plant`); truth is worked out from the tables
alone, by other means than :mod:`models.health`.
"""
