"""What people do with alerts: mute stories and topics, star and annotate articles, save searches."""
