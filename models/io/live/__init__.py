"""What speaks with sources of readings: MQTT, HTTP, SensorThings. No session, no project."""
