check expect/no-end.expect live/no-end.rec
