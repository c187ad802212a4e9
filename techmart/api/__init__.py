"""Read API."""
