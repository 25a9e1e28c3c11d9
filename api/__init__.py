"""The REST API: one contract, one room per resource."""
