"""From files to a study: what is there, which role it has, found again by content."""
