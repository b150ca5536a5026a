"""A posterior fossa with exact truth, for tests and trials."""
