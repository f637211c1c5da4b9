check -r findings/retransmit.rules expect/twice.expect findings/recorded-twice.log
