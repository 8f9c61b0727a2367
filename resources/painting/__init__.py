"""The scenes of the sample pictures, and the brushes they are painted with."""
