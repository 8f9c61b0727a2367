"""The failed pictures: why each of them failed, and what can be done about it."""
