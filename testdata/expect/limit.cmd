check expect/limit.expect live/limit.rec
