check -r findings/behind-between.rules expect/logged.expect findings/behind-between.log
