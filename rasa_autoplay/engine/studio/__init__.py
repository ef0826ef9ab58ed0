"""What the studio shows: live sessions, triggers, golden paths, people."""
