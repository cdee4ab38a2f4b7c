"""The CRS doctor: finds the coordinate system of a layer, with evidence, confidence and corrections.

Pure functions over evidence: :func:`models.crs.doctor.evidence.evidence_of` takes it from a layer,
:func:`models.crs.doctor.examine.examine` judges it, :mod:`models.crs.doctor.apply_standing` sets a layer's data right.
"""
