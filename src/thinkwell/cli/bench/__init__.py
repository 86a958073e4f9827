"""``thinkwell bench``: what the site costs on this machine, measured beside what it is measured against."""
