"""One module a door: OpenAI, the web app, the operator, the pages."""
