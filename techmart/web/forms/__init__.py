"""Forms check shape: type, presence, length, grammar. What needs the database or the actor is an operation's question."""
