"""Home: is something broken, stuck, or coming?"""
