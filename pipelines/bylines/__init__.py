"""Find authors as people, organisations and agencies."""
