"""NIfTI: headers, affines, volumes, and label volumes in and out."""
