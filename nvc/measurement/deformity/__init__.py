"""Whether CN VII is pressed in or pushed aside, against how it lies by nature."""
