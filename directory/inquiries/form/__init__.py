"""The inquiry form: its pages, its draft, review and sending."""
