"""Matching: profiles, scores and explanations, standing on search."""
