"""The doctor: looks whether everything in a home is as it should be, and mends what is not."""
