"""Joins catalog and decoders: intake, feeder, broker, lanes, pipeline, rescue."""
