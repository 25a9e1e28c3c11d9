"""Hashes that one page's policy needs beside the common one."""

from __future__ import annotations

# ReDoc's styling library makes style elements: an empty one that it fills by rules,
# and one with its fixed text.
REDOC_STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)
