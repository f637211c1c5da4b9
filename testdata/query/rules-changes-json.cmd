rules -q -F json live/rules-change.rec
