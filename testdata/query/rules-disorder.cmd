rules -r findings/retransmit.rules findings/out-of-order.log
