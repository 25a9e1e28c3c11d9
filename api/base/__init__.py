"""What all rooms share: endpoints, bodies, errors, filters across resources."""
