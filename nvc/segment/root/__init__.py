"""Where CN VII leaves the brain: detachment, attached segment, root exit."""
