"""Alarm rules as data, the engine that judges readings by them, and alarms with their activations."""
