rules live/limit.rec
