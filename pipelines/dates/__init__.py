"""Find published and modified times: metadata, visible dates, zones, calendars."""
