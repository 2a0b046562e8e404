"""The classroom page: worlds that people play with, in a browser."""
