"""The same study on the panel or the records of a user."""
