"""What is thought and what is said. The only room that knows the text tags of models. Pure."""
