"""What both suites stand on: a real Wigwag process, a small REST client, the SDK drivers."""
