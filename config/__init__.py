"""What a site looks like: its model, its profiles and its sentences. Imports none of ours."""
