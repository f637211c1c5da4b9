rules live/two-filters.rec
