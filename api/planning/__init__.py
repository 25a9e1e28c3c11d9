"""What operators say about schedules: previews, holds, back-fills, calendars, care."""
