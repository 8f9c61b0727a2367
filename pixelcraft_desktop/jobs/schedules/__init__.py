"""What runs by itself: a timetable in the catalog, a small queue, and what is done then."""
