"""Ground floor: no tables, knows no app."""
