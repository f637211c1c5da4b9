check expect/gateway.expect --
