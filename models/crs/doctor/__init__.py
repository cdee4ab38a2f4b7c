"""The CRS doctor: where a layer's numbers stand, why, how sure that is, and what would set them right.

Pure functions over evidence: :func:`models.crs.doctor.evidence.evidence_of` takes it from a layer,
:func:`models.crs.doctor.examine.examine` judges it, :mod:`models.crs.doctor.apply_standing` sets a layer's data right.
"""
