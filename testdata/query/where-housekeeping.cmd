report -w 'dropped and icmp6' live/nd-stopped.rec
