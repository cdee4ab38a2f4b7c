"""What an expression may call: functions of a row, of geometries, and figures of a whole layer. As tables."""
