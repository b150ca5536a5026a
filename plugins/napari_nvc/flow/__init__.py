"""What happens when: showing, correcting, working in the background."""
