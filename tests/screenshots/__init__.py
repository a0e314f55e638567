"""Pictures of every page and every state, for people to look at: `make screenshots`."""
