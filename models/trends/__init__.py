"""Trends and patterns of readings, alarms, cases and failures, each with its test."""
