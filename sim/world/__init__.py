"""The world: accounts, follows, posts, and how they come to be."""
