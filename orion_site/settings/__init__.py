"""Django settings: base, and what dev, test and prod change."""
