check -r findings/retransmit.rules expect/twice.expect findings/out-of-order.log
