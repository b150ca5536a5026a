"""Files in and out; the only place that touches them."""
