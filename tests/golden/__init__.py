"""Answers of the original servers, recorded, and the means to compare with them."""
