"""Sentences and value texts made of models."""
