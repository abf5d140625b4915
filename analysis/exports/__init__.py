"""Tables exported by hand from the statistics office's database: read, checked, and studied as coverage."""
