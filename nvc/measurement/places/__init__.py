"""Places along CN VII: course, approaches of vessels, walls, brain beside it."""
