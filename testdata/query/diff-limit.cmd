diff live/limit.rec live/limit.rec
