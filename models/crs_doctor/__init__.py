"""The CRS doctor: where a layer's numbers stand, why, how sure that is, and what would set them right.

Pure functions over evidence: :func:`models.crs_doctor.evidence.evidence_of` takes it from a layer,
:func:`models.crs_doctor.examine.examine` judges it, :mod:`models.crs_doctor.placed` sets a layer's data right.
"""
