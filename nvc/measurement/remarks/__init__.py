"""What else a reader must not miss: arteries, cisterns and coverage."""
