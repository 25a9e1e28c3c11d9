"""What the published documents and the recorded originals answer, against ours."""
