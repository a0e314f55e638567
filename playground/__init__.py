"""Rushes: a self-hosted playground and gateway for AI video models."""
