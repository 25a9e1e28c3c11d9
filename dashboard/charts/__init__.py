"""Charts: pure functions from rows to SVG. Geometry by attributes, paint by class."""
