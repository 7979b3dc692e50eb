"""What an index survives: kills, full disks, damage and crowds, each check a command that anyone can repeat."""
