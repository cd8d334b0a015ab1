"""What rules must hold together: causes, references, placeholders, outsiders' words."""
