"""Search: analysis, the engine port and its Whoosh engine, query understanding, and the sync from the outbox."""
