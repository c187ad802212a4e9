"""Import and export: files in, plain rows out."""
