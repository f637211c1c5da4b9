check live/forwarding-off.rec expect/port5.expect
