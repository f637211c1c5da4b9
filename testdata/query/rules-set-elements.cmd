rules --never -q live/set-elements.rec
