report --since 14:00 -r findings/behind-sets.rules findings/behind-sets.log
