rules -q live/rules-changes.rec
