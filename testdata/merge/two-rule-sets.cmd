report live/answers-long.rec live/answers-later.rec
