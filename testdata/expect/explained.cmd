check -r findings/snat-wrong-interface.rules expect/answered.expect findings/snat-wrong-interface.log
