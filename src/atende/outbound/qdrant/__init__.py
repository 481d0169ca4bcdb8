"""Passages in Qdrant, checked against PostgreSQL."""
