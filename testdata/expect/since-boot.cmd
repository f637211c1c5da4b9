check --since 14:00 -r findings/behind-sets.rules expect/since-boot.expect findings/behind-sets.log
