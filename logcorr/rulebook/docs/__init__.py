"""What is written from rules and models: the reference, the catalogue, and the schema for editors."""
