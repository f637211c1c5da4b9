check expect/stopped.expect live/forwarding-off.rec
