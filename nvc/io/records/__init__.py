"""Small files of numbers: settings, landmarks, reports, tables, reviews."""
